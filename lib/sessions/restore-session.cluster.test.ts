// A session on the real Slurm whose row is gone, as after a restored backup: it comes back, ready, with its own job.
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request } from "@/dev/test-sessions";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { shell } from "@/lib/scheduler/contract-cluster";
import { createSession } from "@/lib/sessions/create-session";
import { stopSession } from "@/lib/sessions/stop-session";
import type { SessionRow } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
let directory = "";
beforeAll(() => {
  directory = useSlurm("~/berth-restore-test");
});
const as = (user: string, script: string) => shell(cluster("hpc").reach.run, user, script);
afterAll(async () => {
  await as("alice", "squeue -h -u alice -o '%i %Z' | awk '/berth-restore-test/ { print $1 }' | xargs -r scancel");
  await as("alice", "rm -rf ~/berth-restore-test");
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const find = (id: string) => db().session.findUnique({ where: { id } });

/** Looks until the session is as wanted. A reconciler of its own: what one remembers is lost with the process. */
async function until(id: string, done: (row: SessionRow) => boolean): Promise<SessionRow> {
  const memory = newMemory();
  const deadline = performance.now() + 90_000;
  for (;;) {
    const row = await find(id);
    if (row && done(row)) return row;
    if (performance.now() > deadline) throw new Error(`still ${row?.state}`);
    memory.askedAt = Number.NEGATIVE_INFINITY;
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
    await new Promise((next) => setTimeout(next, 200));
  }
}

it("comes back as it was, and another portal's job beside it is left alone", async () => {
  const alice = await person("alice");
  const wish = request({ template: "web-folder", partition: "cpu", memoryGiB: 0.5, name: "Results" });
  const made = await createSession(alice, wish, "restored");
  const ready = await until(made.id, ({ state }) => state === "ready");
  const foreign = tagOf("z000000000000000");
  await as(
    "alice",
    `sbatch --parsable --output=/dev/null --comment=berth:0000ffff:z000000000000000 --job-name=${foreign} --wrap='sleep 99'`,
  );
  await db().session.delete({ where: { id: made.id } });
  const back = await until(made.id, ({ state }) => state === "ready");
  const same = ["jobId", "node", "port", "name", "request", "endsAt", "connectionId"] as const;
  for (const name of same) expect(back[name], name).toEqual(ready[name]);
  const queue = await as("alice", `squeue -h -u alice --name=${foreign},${tagOf(made.id)} -o '%j %T'`);
  expect(queue).toContain(`${tagOf(made.id)} RUNNING`);
  expect(queue).toMatch(new RegExp(`${foreign} (PENDING|RUNNING|CONFIGURING)`));
  await as("alice", `scancel --name=${foreign}`);
  await stopSession(alice, made.id);
  expect(await until(made.id, ({ cleanedAt }) => cleanedAt !== null)).toMatchObject({ endReason: "stopped" });
});
