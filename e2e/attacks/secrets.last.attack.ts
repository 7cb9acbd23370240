// After all other attacks: no secret, planted or real, is anywhere but with its owner.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { findIn, type Needles, plantCanaries, realSecrets, secretForms } from "@/e2e/attacks/needles";
import { apiAs, portalLog, send, siteUnderTest } from "@/e2e/attacks/site";
import { endpoints } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

const site = siteUnderTest();
let needles: Needles;
let answers: string[];

beforeAll(async () => {
  const planted = await plantCanaries();
  needles = new Map([...planted.needles, ...(await realSecrets())]);
  answers = planted.answers;
});

const run = (command: string, args: string[], input = ""): string => {
  const env = { ...process.env, SLURM_CONF: join(site.clusterDir, "etc/slurm.conf") };
  return execFileSync(command, args, { env, input, encoding: "utf8", maxBuffer: 256 << 20 });
};

const forms = (text: string) => Object.entries(secretForms).flatMap(([what, form]) => (form.test(text) ? [what] : []));

it("P6 there is something to find: every kind of secret, each of its own", () => {
  expect(needles.size).toBeGreaterThan(20);
  expect(new Set(needles.values()).size).toBe(needles.size);
  expect([...needles.keys()].filter((what) => what.startsWith("secret of session")).length).toBeGreaterThan(0);
});

it("P6 the portal's log holds no secret", () => {
  const text = portalLog();
  expect(text).toContain("portal.started");
  expect(findIn(needles, text)).toEqual([]);
  expect(forms(text)).toEqual([]);
});

it("P6 a careless line of code that logs headers, environment and errors leaks none of their secrets", () => {
  const lines = portalLog()
    .split("\n")
    .filter((text) => text.includes("careless.line"));
  // dev/log-carelessly.mjs wrote one at each start of the portal, with the canary in each of its fields.
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => (line.match(/\[removed\]/g)?.length ?? 0) < 9)).toEqual([]);
  expect(findIn(needles, lines.join(" "))).toEqual([]);
});

it("P6 no answer repeats a secret that came with its request", () => {
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.flatMap((text) => findIn(needles, text))).toEqual([]);
});

it("P6 health and metrics hold no secret", async () => {
  const authorization = `Bearer ${apiAs("admin").secret}`;
  for (const path of [paths.health(), endpoints.metrics.path]) {
    const { status, body } = await send(path, { headers: { authorization } });
    expect(status).toBe(200);
    expect(findIn(needles, body)).toEqual([]);
    expect(forms(body)).toEqual([]);
  }
});

it("D9 what Slurm tells of jobs holds no secret: scontrol, squeue, sacct, scripts and environments", () => {
  const fields = run("sacct", ["--helpformat"]).trim().split(/\s+/).join(",");
  const ids = run("sacct", ["-aXnP", "-S", "now-1day", "-o", "JobID"]).trim().split("\n");
  const told = [
    run("scontrol", ["show", "job", "-dd"]),
    run("squeue", ["-a", "-o", "%all"]),
    run("sacct", ["-aP", "-S", "now-1day", "-o", fields]),
    ...["--batch-script", "--env-vars"].map((what) => run("sacct", [what, "-j", ids.join(",")])),
  ];
  expect(told[0]).toContain("berth-");
  for (const text of told) {
    expect(findIn(needles, text)).toEqual([]);
    expect(forms(text)).toEqual([]);
  }
});

type Process = { pid: string; uid: number; cmdline: string; environ: string };

function processes(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
      return [{ pid, uid: statSync(`/proc/${pid}`).uid, cmdline: read("cmdline"), environ: read("environ") }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

it("D9 no process has a secret among its arguments, which everybody on its machine can read", () => {
  const found = processes().flatMap(({ pid, cmdline }) => findIn(needles, cmdline).map((what) => `${pid} ${what}`));
  expect(found).toEqual([]);
});

it("P6 no job and no other account's process has one of the portal's secrets in its environment", () => {
  const berth = Number(run("id", ["-u", "berth"]));
  const others = processes().filter(({ uid }) => uid !== 0 && uid !== berth);
  expect(others.some(({ environ }) => environ.includes("BERTH_SESSION="))).toBe(true);
  expect(others.flatMap(({ pid, environ }) => findIn(needles, environ).map((what) => `${pid} ${what}`))).toEqual([]);
});

const startedAt = Math.floor(statSync(site.configFile).ctimeMs / 1000);
const home = join(site.data, "..");

/** Files that `who` can read, written since the site began, that hold a needle. The kernel decides what can be read. */
function filesHolding(who: string, secrets: Needles): string[] {
  const places = ["/home", "/tmp", "/var/tmp", "/dev/shm", "/run", home];
  const skipped = ["node_modules", ".git", ".next", "release"].flatMap((name) => ["-name", name, "-o"]);
  const recent = ["-type", "f", "-size", "-50M", "-newermt", `@${startedAt}`];
  // A file may go while it is looked for, and much cannot be read: find and grep say so by their exit code.
  const as = (command: string, input = "") =>
    run("runuser", ["-u", who, "--", "/bin/sh", "-c", `${command} 2>/dev/null; :`], input);
  const quoted = (words: string[]) => words.map((word) => `'${word}'`).join(" ");
  const list = as(
    `find ${quoted([...places, "(", ...skipped.slice(0, -1), ")", "-prune", "-o", ...recent, "-readable", "-print"])}`,
  );
  const files = list.split("\n").filter((file) => file !== "" && !file.includes("'"));
  const holding: string[] = [];
  for (let at = 0; at < files.length; at += 500) {
    const some = quoted(files.slice(at, at + 500));
    holding.push(...as(`grep -lsF -f - -- ${some}`, [...secrets.values()].join("\n")).split("\n"));
  }
  return holding.filter((file) => file !== "");
}

it("P6 another person of the cluster can read no file that holds a secret of the portal or of anybody", () => {
  expect(filesHolding("nora", needles)).toEqual([]);
});

it("D9 a session's secret is in its owner's own two files, 0600 in a directory of 0700, and nowhere else on disk", () => {
  const ofSessions = [...needles].filter(([what]) => what.startsWith("secret of session"));
  const files = filesHolding("root", new Map(ofSessions));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const [, owner = ""] = /^\/home\/([a-z]+)\/\.berth\/sessions\/[a-z0-9]+\/(?:secret|connection)$/.exec(file) ?? [];
    expect(`${file} of ${owner}`).toMatch(/ of [a-z]+$/);
    const { mode, uid } = statSync(file);
    expect(mode & 0o777).toBe(0o600);
    expect(uid).toBe(Number(run("id", ["-u", owner])));
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
  }
});

it("P6 the portal's own secrets are in files of 0600 in its data, and nowhere else on disk", () => {
  const people = /^(canary|alice's|bob's|secret of)/;
  const files = filesHolding("root", new Map([...needles].filter(([what]) => !people.test(what))));
  const strangers = files.filter((file) => !file.startsWith(`${site.data}/`));
  // The test cluster keeps the authority that it made for the portal.
  expect(strangers.filter((file) => !file.startsWith(`${site.clusterDir}/ca`))).toEqual([]);
  for (const file of files) expect(`${file} ${(statSync(file).mode & 0o777).toString(8)}`).toBe(`${file} 600`);
});

it("P6 tokens, logins and canaries are in no file at all", () => {
  const people = /^(canary|alice's|bob's)/;
  expect(filesHolding("root", new Map([...needles].filter(([what]) => people.test(what))))).toEqual([]);
});
