// Sessions on the real Slurm while its slurmdbd is stopped: sacct fails, squeue answers.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request } from "@/dev/test-sessions";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { clusterFile, shell } from "@/lib/scheduler/contract-cluster";
import { createSession } from "@/lib/sessions/create-session";
import { readSessionFiles } from "@/lib/sessions/session-files";
import type { SessionRow } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
const memory = newMemory();
const as = (user: string, script: string) => shell(cluster("hpc").reach.run, user, script);
const { dir, copy } = clusterFile();
let directory = "";
beforeAll(async () => {
  directory = useSlurm("~/berth-silent-test");
  process.kill(Number(readFileSync(join(dir, "run/slurmdbd.pid"), "utf8")), "SIGTERM");
  await waitFor(async () => (await as("alice", "sacct -n >/dev/null 2>&1 || echo silent")) === "silent");
});
afterAll(async () => {
  for (const { jobId } of await db().session.findMany()) if (jobId) await as("alice", `scancel ${jobId} || true`);
  await as("alice", "rm -rf ~/berth-silent-test");
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
  execFileSync("cluster/up", ["--copy", String(copy), "--dir", dir, "--quiet"]);
});

async function waitFor(done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error("still not so after 90 s");
    await new Promise((next) => setTimeout(next, 200));
  }
}

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });
async function until(id: string, done: (row: SessionRow) => boolean): Promise<SessionRow> {
  await waitFor(async () => {
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
    return done(await rowOf(id));
  });
  return rowOf(id);
}

it("a lost submit is handed over again, becomes ready, and ends by the queue's word", async () => {
  const alice = await person("alice");
  const { reach } = cluster("hpc");
  const really = reach.run;
  // What hands a job over is what sends files along; everything else goes through.
  reach.run = async (argv, options) => {
    if (options.user === "alice" && options.stdin) throw new PortalError("cluster_timeout", "sbatch did not finish");
    return really(argv, options);
  };
  const made = await createSession(alice, request({ template: "web-folder", partition: "cpu" }), "lost").finally(() => {
    reach.run = really;
  });
  expect(made.state).toBe("submitting");
  await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
  const ready = await until(made.id, ({ state }) => state === "ready");
  expect(ready.submitTries).toBe(1);
  expect(await as("alice", `squeue -h -u alice -t all --name=${tagOf(made.id)} -o %i`)).toBe(ready.jobId);
  expect((await readSessionFiles(ready, 0)).claim).toBe(ready.jobId);
  await as("alice", `scancel ${ready.jobId}`);
  const ended = await until(made.id, ({ state }) => state === "ended");
  expect(ended.endReason).toBe("cancelled");
  expect(ended.endDetail).toContain("Accounting did not answer");
});
