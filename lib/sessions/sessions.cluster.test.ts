// A session's whole life on the real Slurm of cluster/up, over its sshd, without a browser.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request } from "@/dev/test-sessions";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { clusterFile, shell } from "@/lib/scheduler/contract-cluster";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";
import { readLog } from "@/lib/sessions/read-log";
import { isSuspended } from "@/lib/sessions/rules";
import { stopSession } from "@/lib/sessions/stop-session";
import type { SessionRow } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
const memory = newMemory();
let directory = "";
beforeAll(() => {
  directory = useSlurm("~/berth-sessions-test");
});
const as = (user: string, script: string) => shell(cluster("hpc").reach.run, user, script);

const restore: (() => void)[] = [];
afterEach(async () => {
  for (const undo of restore.splice(0)) undo();
  for (const row of await db().session.findMany({ where: { state: { not: "ended" } } })) {
    if (row.jobId) await as("alice", `scancel ${row.jobId}`);
    await db().session.delete({ where: { id: row.id } });
  }
});
afterAll(async () => {
  await as("alice", "rm -rf ~/berth-sessions-test");
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });
const queued = (id: string) => as("alice", `squeue -h -u alice --name=${tagOf(id)} -o '%i %T'`);

/** Looks until the session is as wanted. */
async function until(id: string, done: (row: SessionRow) => boolean): Promise<SessionRow> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const row = await rowOf(id);
    if (done(row)) return row;
    if (performance.now() > deadline) throw new Error(`still ${row.state} ${row.endReason} ${row.endWords}`);
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
    await new Promise((next) => setTimeout(next, 200));
  }
}
const folder = (change = {}) => request({ template: "web-folder", partition: "cpu", memoryGiB: 0.5, ...change });
const isReady = (row: SessionRow) => row.state === "ready";
const isClean = (row: SessionRow) => row.cleanedAt !== null;

async function expectNothingLeft(row: SessionRow): Promise<void> {
  expect(await queued(row.id)).toBe("");
  expect(await as("alice", `cd ${row.directory} && ls -A | grep -Ex 'secret|connection|app.sock' || true`)).toBe("");
  expect(await as("alice", `ls -d ${row.scratch ?? "/none"} 2>/dev/null || true`)).toBe("");
  expect(row).toMatchObject({ secretSealed: null, port: null });
  expect(await db().usageRecord.count({ where: { sessionId: row.id } })).toBe(1);
}

/** What the login nodes wrote down of who came in as alice, from now on. */
function loginsOfAlice(): () => string[] {
  const { logDir } = clusterFile();
  const read = () => ["sshd-login1.log", "sshd-login2.log"].map((file) => readFileSync(join(logDir, file), "utf8"));
  const before = read().map((text) => text.length);
  const isHers = /^Accepted publickey for alice .* ID berth cluster=hpc user=alice for=commands login=(\S+) /gm;
  return () =>
    read().flatMap((text, at) => [...text.slice(before[at]).matchAll(isHers)].map(([, login = ""]) => login));
}

describe("a session on Slurm", () => {
  it("starts with a QOS that allows just the time asked for, although others may be extended", async () => {
    const alice = await person("alice");
    await expect(createSession(alice, folder({ qos: "short", minutes: 31 }), "too-long")).rejects.toMatchObject({
      fields: { minutes: expect.stringContaining("QOS short runs jobs for at most 30 min") },
    });
    const made = await createSession(alice, folder({ qos: "short", minutes: 30 }), "short-qos");
    await until(made.id, isReady);
    const limits = await as("alice", `squeue -h -j ${made.jobId} -o '%q %l'`);
    expect(limits).toBe("short 30:00");
  });

  it("is asked for and stopped in the name of its person's login, and looked after in the portal's own", async () => {
    const alice = { ...(await person("alice")), via: "login-of-alice" };
    const came = loginsOfAlice();
    const made = await createSession(alice, folder(), "named");
    expect(new Set(came())).toEqual(new Set(["login-of-alice"]));
    await until(made.id, isReady);
    await stopSession({ ...alice, kind: "token", via: "t-1" }, made.id);
    await until(made.id, isClean);
    const others = came().filter((login) => login !== "system");
    expect(new Set(others)).toEqual(new Set(["login-of-alice", "token:t-1"]));
  });

  it("becomes ready, shows its log, and leaves nothing when it is stopped", async () => {
    const alice = await person("alice");
    const made = await createSession(alice, folder({ scratchGiB: 1 }), "life");
    const ready = await until(made.id, isReady);
    expect(await as("alice", `stat -c %a ${ready.directory} ${ready.directory}/secret`)).toBe("700\n600");
    expect((await readLog(alice, made.id, 50)).text).toContain("listening on port");
    await stopSession(alice, made.id);
    const ended = await until(made.id, isClean);
    expect(ended).toMatchObject({ endReason: "stopped", logTail: expect.stringContaining("ended: terminated") });
    await expectNothingLeft(ended);
  });

  it("whose submit was cut off after it had arrived becomes ready all the same, and is one job", async () => {
    const alice = await person("alice");
    const { reach } = cluster("hpc");
    const really = reach.run;
    restore.push(() => {
      reach.run = really;
    });
    reach.run = async (argv, options) => {
      const result = await really(argv, options);
      if (argv.includes("--parsable")) throw new PortalError("cluster", "The connection was lost");
      return result;
    };
    const made = await createSession(alice, folder({ scratchGiB: 1 }), "cut-off");
    expect(made.state).toBe("submitting");
    await db().session.update({ where: { id: made.id }, data: { submittedAt: new Date(Date.now() - 60_000) } });
    await until(made.id, isReady);
    expect((await queued(made.id)).split("\n")).toHaveLength(1);
    await stopSession(alice, made.id);
    await expectNothingLeft(await until(made.id, isClean));
  });

  it("that was handed over twice keeps the job that runs", async () => {
    const alice = await person("alice");
    const made = await createSession(alice, folder(), "twice");
    const ready = await until(made.id, isReady);
    await as("alice", `sbatch --parsable --partition=closed --job-name=${tagOf(made.id)} --wrap=true`);
    await as("bob", `sbatch --parsable --partition=closed --job-name=${tagOf(made.id)} --wrap=true`);
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
    expect(await queued(made.id)).toBe(`${ready.jobId} RUNNING`);
    expect(await as("bob", `squeue -h -u bob --name=${tagOf(made.id)} -o %T`)).toBe("PENDING");
    await as("bob", `scancel --user=bob --name=${tagOf(made.id)}`);
    expect((await rowOf(made.id)).state).toBe("ready");
  });

  it("that is put back into the queue becomes ready again, with another secret", async () => {
    const alice = await person("alice");
    const made = await createSession(alice, folder(), "requeue");
    const before = await until(made.id, isReady);
    await as("alice", `scontrol requeue ${before.jobId}`);
    await until(made.id, (row) => row.state === "queued");
    await as("alice", `scontrol update jobid=${before.jobId} starttime=now`);
    const after = await until(made.id, isReady);
    expect(after.jobId).toBe(before.jobId);
    expect(after.connectionId).not.toBe(before.connectionId);
  });
});

describe("a session on Slurm that its portal cannot change", () => {
  const root = (...args: string[]) =>
    execFileSync(join(clusterFile().slurmBin, "scontrol"), args, {
      env: { ...process.env, SLURM_CONF: clusterFile().slurmConf },
    });

  it("is seen also in a partition that is hidden and not for the poller's groups", async () => {
    const alice = await person("alice");
    const facts = await cluster("hpc").scheduler.facts();
    expect(facts.partitions.filter(({ hidden }) => hidden).map(({ name }) => name)).toEqual(["quiet"]);
    const made = await createSession(alice, folder({ partition: "quiet" }), "quiet");
    expect(made).toMatchObject({ state: "queued", partition: "quiet" });
    await until(made.id, isReady);
    await stopSession(alice, made.id);
    await expectNothingLeft(await until(made.id, isClean));
  });

  it("tells that the scheduler suspended it, and that it goes on", async () => {
    const alice = await person("alice");
    const made = await createSession(alice, folder(), "suspended");
    const { jobId } = await until(made.id, isReady);
    const shown = async () => isSuspended(await getSession(alice, made.id));
    root("suspend", jobId ?? "");
    restore.push(() => root("resume", jobId ?? ""));
    await until(made.id, (row) => JSON.stringify(row.native).includes("SUSPENDED"));
    expect(await shown()).toBe(true);
    root("resume", jobId ?? "");
    restore.pop();
    await until(made.id, (row) => JSON.stringify(row.native).includes("RUNNING"));
    expect(await shown()).toBe(false);
    expect((await rowOf(made.id)).state).toBe("ready");
  });
});
