// The files of this machine that hold a secret, as somebody may read them: all that changed since the site began, wherever it
// is. Not looked at: what is below a node_modules, and files of 50 MB or more.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Needles } from "@/e2e/attacks/needles";
import { siteUnderTest } from "@/e2e/attacks/site";

/** Its name, and what of the needles is in it. */
export type Holding = { file: string; holds: string[] };

const device = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.dev;

/** find -xdev leaves out what is mounted, /proc and /sys above all: of that, where files are kept. */
function places(): string[] {
  const { data, clusterDir } = siteUnderTest();
  const mounted = ["/dev/shm", "/home", "/run", "/tmp", "/var", "/var/tmp", "/root", "/srv"];
  const all = ["/", ...mounted, dirname(data), clusterDir, process.cwd()];
  return all.filter((place, index) => {
    const around = all.slice(0, index).filter((other) => place.startsWith(other));
    return device(place) !== undefined && !around.some((other) => device(other) === device(place));
  });
}

// The needles are in the environment, because arguments can be read by everybody. Names may be any bytes.
const search = `find "$@" 2>/dev/null | LC_ALL=C xargs -0 -r -n 1000 sh -c '
  printf "%s\\n" "$NEEDLES" | grep -lZsF -f - -- "$@"' sh 2>/dev/null
:`;

function candidates(who: string, secrets: string[]): Buffer[] {
  // What a site writes first, and later. A file's ctime cannot be set, unlike what is shown as its time.
  const written = ["ca", "secret"].map((name) => statSync(join(siteUnderTest().data, name)).ctimeMs);
  const startedAt = Math.floor(Math.min(...written) / 1000);
  const recent = ["-type", "f", "-size", "-50M", "-newerct", `@${startedAt}`, "-readable", "-print0"];
  const find = [...places(), "-xdev", "-name", "node_modules", "-prune", "-o", ...recent];
  const { stdout, status } = spawnSync("runuser", ["-u", who, "--", "/bin/sh", "-c", search, "sh", ...find], {
    env: { ...process.env, NEEDLES: secrets.join("\n") },
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`The files could not be searched as ${who}.`);
  const names: Buffer[] = [];
  for (let at = 0, end = stdout.indexOf(0); end >= 0; at = end + 1, end = stdout.indexOf(0, at)) {
    names.push(stdout.subarray(at, end));
  }
  return names;
}

function holdsOf(path: Buffer, needles: Needles): string[] {
  try {
    const content = readFileSync(path);
    return [...needles].flatMap(([what, secret]) => (content.includes(secret) ? [what] : []));
  } catch {
    return []; // It went meanwhile, as files of a session do at its end.
  }
}

/** A file that must be found: a search that fails finds nothing, too. Its name is of a kind that searches forget. */
function plantDecoy(): { path: Buffer; secret: string } {
  const secret = randomBytes(20).toString("hex");
  const path = Buffer.concat([Buffer.from(`/tmp/it's "a\ndecoy" of ${process.pid} `), Buffer.from([0xff])]);
  writeFileSync(path, `x\0${secret}`);
  chmodSync(path, 0o644);
  return { path, secret };
}

/** Files that `who` can read and that hold one of `needles`. The kernel decides what can be read. */
export function filesHolding(who: string, needles: Needles): Holding[] {
  const decoy = plantDecoy();
  try {
    const found = candidates(who, [...needles.values(), decoy.secret]);
    if (!found.some((path) => path.equals(decoy.path)))
      throw new Error(`A search as ${who} does not find what is there.`);
    const holding = found.map((path) => ({ file: path.toString(), holds: holdsOf(path, needles) }));
    return holding.filter(({ holds }) => holds.length > 0);
  } finally {
    rmSync(decoy.path);
  }
}
