// After all other attacks: no secret, planted or real, is anywhere but with its owner.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { slurmSpool } from "@/e2e/attacks/ground";
import { allNeedles, findIn, isOfPeople, type Needles, ofSession, secretForms } from "@/e2e/attacks/needles";
import { filesHolding, type Holding } from "@/e2e/attacks/searched-files";
import { apiAs, inDatabase, portalLog, send, siteUnderTest } from "@/e2e/attacks/site";
import { commandLines, noted } from "@/e2e/attacks/witness";
import { endpoints } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";

const site = siteUnderTest();
let needles: Needles;
/** Of all files that root can read: every file. */
let holding: Holding[];

beforeAll(async () => {
  needles = await allNeedles();
  holding = filesHolding("root", needles);
});

const run = (command: string, args: string[]): string => {
  const env = { ...process.env, SLURM_CONF: join(site.clusterDir, "etc/slurm.conf") };
  return execFileSync(command, args, { env, encoding: "utf8", maxBuffer: 256 << 20 });
};

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return ""; // It went meanwhile, as files of a job do at its end.
  }
}

const forms = (text: string) => Object.entries(secretForms).flatMap(([what, form]) => (form.test(text) ? [what] : []));

it("P6 there is something to find: every kind of secret, each of its own", () => {
  const kinds = ["canary in", "token of", "login of", "app cookie of", ofSession];
  const counts = kinds.map((kind) => [...needles.keys()].filter((what) => what.startsWith(kind)).length);
  // Of sessions more than those that live: every one that was ever ready.
  expect(counts.map((count, index) => count >= ([20, 8, 1, 1, 5][index] ?? 1))).toEqual(kinds.map(() => true));
  expect(new Set(needles.values()).size).toBe(needles.size);
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

it("P6 no answer repeats a secret that came with its request, and no app gets one of the portal's", () => {
  const { answers } = noted();
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

it("P6 what sshd and the cluster's daemons wrote down holds nothing that looks like a secret of ours", () => {
  const directories = [join(site.clusterDir, "log"), ...slurmSpool()];
  const files = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const texts = files.map((file) => ({ file, text: textOf(file) }));
  // Of every certificate sshd noted whose it was.
  expect(texts.some(({ file, text }) => file.includes("sshd") && text.includes("Accepted publickey"))).toBe(true);
  expect(texts.flatMap(({ file, text }) => forms(text).map((what) => `${what} in ${file}`))).toEqual([]);
});

it("D9 no process of the run had a secret among its arguments, which everybody on its machine can read", () => {
  const seen = [...noted().commandLines, ...commandLines()];
  // Of short-lived programs, too: they were looked at every second.
  expect(seen.some((line) => line.includes("sbatch") || line.includes("ssh"))).toBe(true);
  const leaking = seen.filter((line) => findIn(needles, line).length > 0);
  expect(leaking.map((line) => `${findIn(needles, line)} in ${line.slice(0, 200)}`)).toEqual([]);
});

type Process = { pid: string; uid: number; environ: string };

function processes(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
      return [{ pid, uid: statSync(`/proc/${pid}`).uid, environ }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

it("P6 no job and no other account's process has one of the portal's secrets in its environment", () => {
  const berth = Number(run("id", ["-u", "berth"]));
  const others = processes().filter(({ uid }) => uid !== 0 && uid !== berth);
  expect(others.some(({ environ }) => environ.includes("BERTH_SESSION="))).toBe(true);
  expect(others.flatMap(({ pid, environ }) => findIn(needles, environ).map((what) => `${pid} ${what}`))).toEqual([]);
});

it("P6 another person of the cluster can read no file that holds a secret of the portal or of anybody", () => {
  expect(filesHolding("nora", needles)).toEqual([]);
});

const ownFile = /^\/home\/([a-z]+)\/\.berth\/sessions\/([a-z0-9]+)\/(?:secret|connection)$/;

it("D9 a session's secret is in its owner's own two files, 0600 in a directory of 0700, and nowhere else on disk", async () => {
  const found = holding.filter(({ holds }) => holds.some((what) => what.startsWith(ofSession)));
  expect(found.length).toBeGreaterThan(0);
  const cleaned = await inDatabase<{ id: string }>('select id from "Session" where "cleanedAt" is not null');
  for (const { file, holds } of found) {
    const [, owner = "", id = ""] = ownFile.exec(file) ?? [];
    expect(`${file} of ${owner}`).toMatch(/ of [a-z]+$/);
    expect(holds.filter((what) => !what.startsWith(`${ofSession} ${id} `))).toEqual([]);
    // A session may have ended, and been cleaned, since its file was found.
    const about = statSync(file, { throwIfNoEntry: false });
    if (!about) continue;
    expect(cleaned, file).not.toContainEqual({ id });
    expect(about.mode & 0o777).toBe(0o600);
    expect(about.uid).toBe(Number(run("id", ["-u", owner])));
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
  }
});

it("P6 the portal's own secrets are in files of 0600 in its data, and nowhere else on disk", () => {
  const isOwn = (what: string) => !isOfPeople(what) && !what.startsWith(ofSession);
  const files = holding.filter(({ holds }) => holds.some(isOwn)).map(({ file }) => file);
  expect(files.length).toBeGreaterThan(2);
  const strangers = files.filter((file) => !file.startsWith(`${site.data}/`));
  // The test cluster keeps the authority that it made for the portal.
  expect(strangers.filter((file) => !file.startsWith(`${site.clusterDir}/ca`))).toEqual([]);
  for (const file of files) expect(`${file} ${(statSync(file).mode & 0o777).toString(8)}`).toBe(`${file} 600`);
});

it("P6 tokens, logins and canaries are in no file at all", () => {
  expect(holding.filter(({ holds }) => holds.some(isOfPeople))).toEqual([]);
});
