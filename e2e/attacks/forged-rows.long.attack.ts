// Jobs that somebody submits by hand, with names and comments that look like rows of Slurm's answers or like another person's
// session. Slurm keeps them raw; the portal asks while they are in the queue.
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallFolder, stopAll, untilState } from "@/e2e/api";
import { accepted, ask, create } from "@/e2e/attacks/ground";
import { apiAs, inDatabase, portalLog } from "@/e2e/attacks/site";
import { slurm } from "@/e2e/machine";
import type { SessionView } from "@/lib/sessions/schema";

type Row = { id: string; ownerId: string; jobId: string | null };
const rows = () => inDatabase<Row>(`SELECT id, "ownerId", "jobId" FROM "Session" ORDER BY id`);

const liveOf = async (who: string) => (await apiAs(who).live()).map(({ id }) => id).toSorted();

const unknownId = `z${randomUUID().replaceAll("-", "").slice(0, 15)}`;
const recordedId = `y${randomUUID().replaceAll("-", "").slice(0, 15)}`;
let session: SessionView;
let before: Row[];
/** Hers, with what other files of attacks share and leave running. */
let liveBefore: string[];
let jobs: string[];
let logBefore: number;

/** Whatever the portal prints of a queue, a name can try to be. */
function names({ id, jobId }: SessionView): string[] {
  return [
    `berth-${id}`,
    `berth-${unknownId}`,
    `berth-${recordedId}`,
    `x\n99999|alice|RUNNING|berth-${id}`,
    `x\n${jobId}|alice|CANCELLED|0|0|0|0|0|||||None|research|berth-${id}\n`,
    `x\nJobId=${jobId} JobName=berth-${id} UserId=alice(1001) JobState=COMPLETED ExitCode=0:0`,
    `berth-${id}\n`,
    `berth-${id}\u200b`,
    `berth-${id} JobState=FAILED`,
    `\u001b[2J\u001b]52;c;ZXZpbA==\u0007`,
    `<script>pwned=1</script>`,
    `--user=alice`,
    "\ud83d".padEnd(900, "|"),
  ];
}

function submitByHand(name: string, comment: string): string {
  const limits = ["--time=10", "--mem=10M", "--cpus-per-task=1", "--output=/dev/null", "--chdir=/tmp"];
  const [answer = ""] = slurm(
    ["sbatch", "--parsable", `--job-name=${name}`, `--comment=${comment}`, ...limits, "--wrap=sleep 600"],
    "bob",
  );
  return answer;
}

/** All that the portal's own record of a session says, with somebody else named as its owner, but not sealed by the portal. */
async function plantRecord(owner: string, instance: string): Promise<void> {
  const directory = `/home/bob/.berth/sessions/${recordedId}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const request = { ...smallFolder("hpc"), name: "x" };
  const kept = { idempotencyKey: "x", requestHash: "0".repeat(64), name: "x", templateVersion: "1" };
  writeFileSync(`${directory}/record`, JSON.stringify({ instance, id: recordedId, owner, ...kept, request }), {
    mode: 0o600,
  });
  slurm(["chown", "-R", "bob:", directory]);
}

beforeAll(async () => {
  const { id } = accepted(await create("alice", { ...smallFolder("hpc"), name: "A11" }));
  session = await untilState(apiAs("alice"), id, "ready");
  await stopAll(apiAs("bob"));
  before = await rows();
  liveBefore = await liveOf("alice");
  logBefore = portalLog().length;
  const [setting] = await inDatabase<{ value: string }>(`SELECT value FROM "Setting" WHERE key = 'instance'`);
  const owner = before.find((row) => row.id === id)?.ownerId ?? "";
  await plantRecord(owner, setting?.value ?? "");
  jobs = names(session).map((name) => submitByHand(name, `berth:${setting?.value}:${id}\nJobId=1`));
  // Once this one runs, the portal has looked at a queue with all of them in it, more than once.
  const own = accepted(await create("bob", { ...smallFolder("hpc"), name: "own" }));
  await untilState(apiAs("bob"), own.id, "ready");
  before = [...before, ...(await rows()).filter((row) => row.id === own.id)].toSorted((a, b) => (a.id < b.id ? -1 : 1));
});
afterAll(async () => {
  slurm(["scancel", ...jobs]);
  rmSync(`/home/bob/.berth/sessions/${recordedId}`, { recursive: true, force: true });
  await stopAll(apiAs("alice"));
  await stopAll(apiAs("bob"));
});

// In this order: the last row ends the session of the others.
describe("the queue", { shuffle: false }, () => {
  it("A11 no forged name and no forged record makes a session, for anybody", async () => {
    expect(await rows()).toEqual(before);
    expect(await liveOf("alice")).toEqual(liveBefore);
  });

  it("A11 the session whose name and rows were forged is as it was", async () => {
    const { state, jobId, node, startedAt, unixAccount, staleSince } = await apiAs("alice").session(session.id);
    const { jobId: known, node: knownNode, startedAt: begun } = session;
    expect({ state, jobId, node, startedAt, unixAccount, staleSince }).toEqual({
      state: "ready",
      jobId: known,
      node: knownNode,
      startedAt: begun,
      unixAccount: "alice",
      staleSince: null,
    });
  });

  it("A11 the queue with forged rows in it was read without a complaint", () => {
    expect(portalLog().slice(logBefore)).not.toMatch(/cannot be read|tick-failed|request\.failed/);
  });

  it("A11 nobody gets into the session through a job with its name", async () => {
    for (const path of ["", "/log"]) expect((await ask("bob", `/api/sessions/${session.id}${path}`)).status).toBe(404);
    for (const path of ["/ticket", "/stop"])
      expect((await ask("bob", `/api/sessions/${session.id}${path}`, { method: "POST" })).status).toBe(404);
  });

  it("A11 the session ends when its own job does, and the jobs with its name are left alone", async () => {
    await apiAs("alice").stop(session.id);
    const ended = await untilState(apiAs("alice"), session.id, "ended");
    expect(ended.jobId).toBe(session.jobId);
    const left = slurm(["squeue", "-h", "-u", "bob", `--jobs=${jobs.join(",")}`, "-o", "%i %T"]);
    expect(left.filter((line) => /^\d+ (PENDING|RUNNING)$/.test(line))).toHaveLength(jobs.length);
  });
});
