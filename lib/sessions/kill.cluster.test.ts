// A portal's process is killed at every named instruction between wish and end, against the real Slurm; the next process
// must find one job, no more and no less, and the session must go on or end as was wished.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { copyMigrated } from "@/dev/test-database";
import { issuer, useSlurm } from "@/dev/test-slurm";
import { clusterReach, shell } from "@/lib/scheduler/contract-cluster";

/** One process of the portal without its web server. Prints the session as it is at the end, as JSON. */
const program = `
  const { setTimeout: sleep } = await import("node:timers/promises");
  const { closeDatabase, db, openDatabase } = await import("./lib/db.ts");
  const { scopes } = await import("./lib/auth/schema.ts");
  const { startReconciler } = await import("./lib/reconciler/reconciler.ts");
  const { createSession } = await import("./lib/sessions/create-session.ts");
  const { stopSession } = await import("./lib/sessions/stop-session.ts");
  const { cluster } = await import("./lib/clusters/cluster.ts");
  const does = process.argv.slice(1);
  await openDatabase();
  const user = { id: "u", issuer: "${issuer}", subject: "alice", name: "Alice", claims: { preferred_username: "alice" } };
  await db().user.upsert({ where: { id: user.id }, create: user, update: {} });
  const alice = { kind: "user", userId: "u", name: "Alice", roles: [], groups: [], via: "login", scopes };
  const wish = { template: "web-folder", cluster: "hpc", partition: "cpu", cpus: 1, memoryGiB: 0.5, minutes: 30 };
  const insist = (key) => createSession(alice, wish, key).catch((error) => {
    // As a client does where a busy cluster was too slow to say who somebody is.
    if (error.code === "cluster_timeout") return insist(key);
    throw error;
  });
  if (does.includes("create")) await insist("the-key");
  const keys = Array.from({ length: 20 }, (_, number) => "key-" + number);
  if (does.includes("begin")) console.log("begun");
  if (does.includes("begin")) await Promise.all(keys.map(insist));
  const row = () => db().session.findFirstOrThrow();
  const count = (where) => db().session.count({ where });
  const until = async (done) => { while (!done(await row())) await sleep(100); };
  const stopReconciler = await startReconciler();
  if (does.includes("ready")) await until(({ state }) => state === "ready");
  if (does.includes("stop")) await stopSession(alice, (await row()).id);
  if (does.includes("clean")) await until(({ cleanedAt }) => cleanedAt !== null);
  if (does.includes("linger")) await sleep(60_000);
  if (does.includes("settle")) while ((await count({ state: "submitting" })) > 0) await sleep(200);
  if (does.includes("stop-all"))
    await Promise.all((await db().session.findMany()).map(({ id }) => stopSession(alice, id)));
  if (does.includes("stop-all")) while ((await count({ cleanedAt: null })) > 0) await sleep(200);
  await stopReconciler();
  const usage = await db().usageRecord.count();
  console.log(JSON.stringify({ ...(await row()), usage, sessions: await db().session.count() }));
  await cluster("hpc").reach.close();
  await closeDatabase();
`;

let directory = "";
const reach = clusterReach();
const as = (user: string, script: string) => shell(reach.run, user, script);
beforeAll(async () => {
  directory = useSlurm("~/berth-kill-test");
  mkdirSync(join(directory, "empty"));
  await copyMigrated(join(directory, "empty"));
});
afterAll(async () => {
  // Of a test that failed half-way jobs may be left, and they would stand in the way of the next.
  await as("alice", "squeue -h -u alice -o '%i %Z' | awk '/berth-kill-test/ { print $1 }' | xargs -r scancel");
  await as("alice", "rm -rf ~/berth-kill-test");
  await reach.close();
  rmSync(directory, { recursive: true, force: true });
});

type Ended = { signal: string | null; row: Record<string, unknown>; words: string };

/** Runs one process of the portal on its data until it ends or is killed: at a named instruction, or so long after it began. */
async function portal(data: string, does: string[], kill: { at?: string; afterMs?: number } = {}): Promise<Ended> {
  const wish = kill.at ? { PORTAL_KILL_AT: kill.at } : {};
  const env = { ...process.env, ...wish, PORTAL_DATA: data, DATABASE_URL: "", LOG_LEVEL: "warn" };
  const argv = ["--import", "tsx", "--import", "./dev/kill-at.mjs", "--input-type=module", "-e", program, ...does];
  const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      words += chunk;
      if (kill.afterMs !== undefined && words.startsWith("begun"))
        setTimeout(() => child.kill("SIGKILL"), kill.afterMs);
    });
  }
  const [, signal] = await once(child, "close");
  const last = words.trim().split("\n").at(-1) ?? "";
  return { signal, words, row: last.startsWith('{"id"') ? JSON.parse(last) : {} };
}

const jobsOf = async (id: unknown) =>
  (await as("alice", `squeue -h -u alice -t all --name=berth-${id} -o '%i %T'`)).split("\n").filter(Boolean);

it.each([
  ["after-intent", ["create"]],
  ["before-submit", ["create"]],
  ["after-submit", ["create"]],
  ["after-record", ["create"]],
  ["after-stop-intent", ["create", "ready", "stop", "clean"]],
  ["after-end", ["create", "ready", "stop", "clean"]],
])("killed %s, there is one job for one wish, and nothing is left of it in the end", async (point, does) => {
  const data = join(directory, point);
  cpSync(join(directory, "empty"), data, { recursive: true });
  const killed = await portal(data, does, { at: point });
  expect(killed.signal, killed.words).toBe("SIGKILL");
  const ended = does.includes("stop");
  const startedAt = performance.now();
  const resolved = await portal(data, ["create", ended ? "clean" : "ready"]);
  expect(resolved.row, resolved.words).toMatchObject({ sessions: 1, state: ended ? "ended" : "ready" });
  expect(performance.now() - startedAt).toBeLessThan(90_000);
  expect(await jobsOf(resolved.row.id)).toHaveLength(1);
  const last = ended ? resolved : await portal(data, ["stop", "clean"]);
  expect(last.row, last.words).toMatchObject({ endReason: "stopped", secretSealed: null, usage: 1, sessions: 1 });
  expect(await jobsOf(last.row.id)).toEqual([expect.stringMatching(/ (CANCELLED|COMPLETED|FAILED)$/)]);
});

it("killed again and again at any moment during twenty launches, there are twenty jobs", async () => {
  const data = join(directory, "random");
  cpSync(join(directory, "empty"), data, { recursive: true });
  for (let round = 0; round < 4; round += 1) {
    const killed = await portal(data, ["begin", "linger"], { afterMs: 50 + Math.random() * 1500 });
    expect(killed.signal, killed.words).toBe("SIGKILL");
  }
  const startedAt = performance.now();
  const settled = await portal(data, ["begin", "settle"]);
  expect(settled.row, settled.words).toMatchObject({ sessions: 20 });
  expect(performance.now() - startedAt).toBeLessThan(90_000);
  const all = (await as("alice", "squeue -h -u alice -t RUNNING,PENDING,CONFIGURING -o '%j %Z'")).split("\n");
  const ours = all.filter((line) => line.includes("berth-kill-test"));
  expect(ours).toHaveLength(20);
  expect(new Set(ours).size).toBe(20);
  const last = await portal(data, ["stop-all"]);
  expect(last.row, last.words).toMatchObject({ sessions: 20, usage: 20 });
  expect(await as("alice", "squeue -h -u alice -o %Z | grep -c berth-kill-test || true")).toBe("0");
});
