import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { waitSentence } from "@/lib/scheduler/rules";
import { readFacts } from "./facts";
import { parseHistory } from "./history";
import { readJobRecords } from "./job-record";
import { newMark, parseQueue, queueFormat } from "./queue";

const MARK = "0123456789abcdef01234567";
const recorded = (name: string, version = "22.05") =>
  readFileSync(join(import.meta.dirname, "fixtures", version, name), "utf8");
const at = (seconds: number) => new Date(seconds * 1000);

describe("the queue of 22.05", () => {
  const jobs = parseQueue(recorded("squeue.txt"), MARK, true);
  const job = (id: string) => jobs.find((entry) => entry.id === id);

  it("holds every job once, whatever their names contain", () => {
    expect(jobs).toHaveLength(25);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(25);
    expect(jobs.map(({ owner }) => owner)).not.toContain("victim");
    expect(job("6")).toMatchObject({ owner: "bob", state: "running", tag: "x 99999|victim|RUNNING evil" });
  });

  it("tells a running job's node, start and limit", () => {
    expect(job("1")).toMatchObject({
      tag: "berth-a000000000000001",
      owner: "alice",
      state: "running",
      partition: "cpu",
      account: "research",
      qos: "normal",
      nodes: ["c9cpu1"],
      submittedAt: at(1795333734),
      startedAt: at(1795333735),
      limitAt: at(1795333735 + 1800),
      expectedStartAt: null,
      endedAt: null,
      position: null,
      end: null,
    });
  });

  it("tells for how long a job stood still that runs again", () => {
    // Slurm moves the end of what it resumes by the time for which it was suspended.
    const later = recorded("squeue.txt").replaceAll(String(1795333735 + 1800), String(1795333735 + 1800 + 90));
    const resumed = parseQueue(later, MARK, true).find((entry) => entry.id === "1");
    expect(resumed).toMatchObject({ limitAt: at(1795333735 + 1890), suspendedSeconds: 90 });
    expect(job("1")).not.toHaveProperty("suspendedSeconds");
  });

  it.each([
    ["2", "finished", "None"],
    ["3", "failed", "NonZeroExitCode"],
    ["4", "failed", "JobLaunchFailure"],
    ["5", "out-of-memory", "OutOfMemory"],
    ["17", "cancelled", "None"],
    ["18", "preempted", "None"],
    ["20", "time-limit", "TimeLimit"],
    ["24", "node-failed", "NodeDown"],
  ])("tells how job %s ended: %s", (id, end, reason) => {
    expect(job(id)).toMatchObject({ state: "ended", end, native: { reason } });
    expect(job(id)?.endedAt).toBeInstanceOf(Date);
  });

  it("puts a job that its node lost back among the waiting ones", () => {
    expect(job("25")).toMatchObject({
      state: "queued",
      end: null,
      nodes: [],
      startedAt: null,
      native: { reason: "BeginTime" },
    });
  });

  it("forecasts starts and counts places in each partition, without held jobs", () => {
    expect(job("11")).toMatchObject({ state: "queued", position: 1, expectedStartAt: at(1795337335), startedAt: null });
    expect(job("12")).toMatchObject({ state: "queued", position: 2 });
    expect(job("8")).toMatchObject({ state: "held", position: null });
    expect(job("15")).toMatchObject({ position: 1, expectedStartAt: null, native: { reason: "PartitionDown" } });
  });

  it("counts no places when it saw only one person's jobs", () => {
    const own = parseQueue(recorded("squeue.txt"), MARK, false);
    expect(own.every(({ position }) => position === null)).toBe(true);
  });

  it("is empty when nothing runs, and refuses what is cut off", () => {
    expect(parseQueue("", MARK, true)).toEqual([]);
    const cut = recorded("squeue.txt").slice(0, -10);
    expect(() => parseQueue(cut, MARK, true)).toThrow("cannot be read");
  });

  it("asks with another mark each time", () => {
    expect(newMark()).toMatch(/^[0-9a-f]{24}$/);
    expect(newMark()).not.toBe(newMark());
    expect(queueFormat("M")).toMatch(/^M%iM%uM.*M%jM$/);
  });
});

describe("the queue of later versions", () => {
  const row = (values: string[]) => `${MARK}${values.join(MARK)}${MARK}\n`;
  const fields = ["7", "alice", "", "100", "200", "300", "10:00", "5", "n1", "n1", "cpu", "normal", "None", "research"];
  const read = (state: string, name = "berth-a000000000000001") =>
    parseQueue(row([...fields.slice(0, 2), state, ...fields.slice(3), name]), MARK, true)[0];

  it("never ends a job for a word that it does not know", () => {
    expect(read("EXPEDITING")).toMatchObject({ state: "running", end: null, native: { state: "EXPEDITING" } });
  });
  it.each([
    ["CONFIGURING", "queued"],
    ["COMPLETING", "completing"],
    ["SUSPENDED", "suspended"],
    ["STAGE_OUT", "completing"],
    ["REQUEUE_HOLD", "held"],
  ])("reads %s", (word, state) => {
    expect(read(word)?.state).toBe(state);
  });
  it("shows a job whose node still boots as waiting, without start or node, and says what for", () => {
    const job = read("CONFIGURING");
    expect(job).toMatchObject({ startedAt: null, limitAt: null, nodes: [], expectedStartAt: null, end: null });
    expect(waitSentence(job?.native.reason ?? "", { partition: "cpu" })).toContain("node is being started");
  });
  it("gives nobody a tag that only looks like one", () => {
    expect(read("RUNNING", "berth-a000000000000001\u200b")?.tag).toBe("berth-a000000000000001");
    expect(read("RUNNING", "berth-a000000000000001x")?.tag).toBe("berth-a000000000000001x");
  });
});

describe("the history of 22.05", () => {
  const jobs = parseHistory(recorded("sacct-alice.txt"), MARK);
  const job = (id: string) => jobs.find((entry) => entry.id === id);

  it.each([
    ["2", "finished", 0, null],
    ["3", "failed", 3, null],
    ["4", "failed", 0, 9],
    ["5", "out-of-memory", 0, 125],
    ["17", "cancelled", 0, null],
    ["20", "time-limit", 0, null],
    ["24", "node-failed", 0, null],
  ])("tells how job %s ended: %s, exit code %s, signal %s", (...expected) => {
    const [id, end, exitCode, signal] = expected;
    expect(job(id)).toMatchObject({ state: "ended", end, owner: "alice", native: { exitCode, signal } });
  });

  it("names who cancelled, folds steps in and converts units", () => {
    expect(job("17")).toMatchObject({
      cancelledBy: "root",
      maxMemoryMiB: 1,
      cpuSeconds: 4,
      tag: "berth-k000000000000011",
    });
    expect(job("20")).toMatchObject({ limitAt: at(1795333735 + 60), endedAt: at(1795333797), nodes: ["c9cpu1"] });
    expect(job("1")).toMatchObject({ state: "running", endedAt: null });
    expect(jobs.map(({ id }) => id)).not.toContain("1.batch");
  });

  it("keeps a name with newlines in its own record", () => {
    const bobs = parseHistory(recorded("sacct-bob.txt"), MARK);
    expect(bobs.map(({ id }) => id)).toEqual(["6", "18", "19", "7_1", "7_2"]);
    expect(bobs[0]?.tag).toBe("x 99999|victim|RUNNING evil");
    expect(bobs[1]).toMatchObject({ end: "preempted", qos: "scavenge", state: "ended" });
  });

  it("tells a reused job id from the job that had it before", () => {
    const line = (submit: string, state: string, name: string) =>
      `${["9", "alice", "1001", state, "0:0", "cpu", "normal", submit, submit, submit, "60", "1", "", "n1", "None", "research", name, "0:0"].join(MARK)}\n`;
    const text = line("100", "COMPLETED", "old") + line("900", "NODE_FAIL", "new") + line("950", "COMPLETED", "new");
    expect(parseHistory(text, MARK)).toMatchObject([
      { id: "9", tag: "old", submittedAt: at(100) },
      { id: "9", tag: "new", end: "finished", submittedAt: at(950) },
    ]);
  });
});

describe("the controller's own records", () => {
  it("tell how a job ended where there is no accounting", () => {
    const jobs = readJobRecords(recorded("jobs.txt"));
    const job = (id: string) => jobs.find((entry) => entry.id === id);
    expect(job("3")).toMatchObject({
      owner: "alice",
      end: "failed",
      tag: "berth-c000000000000003",
      native: { exitCode: 3 },
    });
    expect(job("20")).toMatchObject({ end: "time-limit", startedAt: at(1795333735), endedAt: at(1795333797) });
    expect(job("1")).toMatchObject({ state: "running", limitAt: at(1795333735 + 1800), endedAt: null });
  });
});

describe("the facts of 22.05", () => {
  const [config, nodes, states] = [recorded("config.txt"), recorded("nodes.txt"), recorded("states.txt")];
  const all = recorded("partitions.txt");
  const facts = readFacts({ config, nodes, partitions: { all, listed: all }, states }, true);

  it("mark what scontrol lists only with -a, or for root, as hidden", () => {
    expect(facts.partitions.filter(({ hidden }) => hidden)).toEqual([]);
    const forRoot = all.replace("PartitionName=short", "PartitionName=short RootOnly=YES").replace(/ RootOnly=NO/g, "");
    const listed = all.replace(/^PartitionName=gpu.*\n/m, "");
    const { partitions } = readFacts({ config, nodes, partitions: { all: forRoot, listed }, states }, true);
    expect(partitions.filter(({ hidden }) => hidden).map(({ name }) => name)).toEqual(["gpu", "short"]);
  });

  it("deny nothing to accounts below the one that a partition names, which admits them since 23.02", () => {
    const read = (version: string) => {
      const given = { config: config.replace("22.05.8", version), nodes, partitions: { all, listed: all }, states };
      return readFacts(given, true).partitions.find(({ name }) => name === "restricted")?.allowAccounts;
    };
    expect([read("22.05.8"), read("23.02.0"), read("24.11.1")]).toEqual([["genomics"], [], []]);
  });

  it("heed a partition's own limits of a node, and count who waits as Slurm's words do", () => {
    const limited = all.replace("PartitionName=short", "PartitionName=short MaxCPUsPerNode=3 MaxMemPerNode=1000");
    const words = "PD\nRH\nSE\nCF\nR\nCG\nS";
    const given = { config, nodes, partitions: { all: limited, listed: limited }, states: words };
    const read = readFacts(given, true);
    expect(read).toMatchObject({ running: 3, queued: 4 });
    expect(read.partitions.find(({ name }) => name === "short")).toMatchObject({
      cpusPerNode: 3,
      memoryMiBPerNode: 1000,
    });
  });

  it("name the version and count jobs", () => {
    expect(facts).toMatchObject({ scheduler: "slurm 22.05.8", accounting: true, running: 6, queued: 10 });
  });
  it("give nodes with their addresses and what is free", () => {
    expect(facts.nodes.map(({ address }) => address)).toEqual(["127.31.9.11", "127.31.9.12", "127.31.9.13"]);
    expect(facts.nodes[2]).toMatchObject({
      cpus: 16,
      cpusFree: 15,
      memoryMiB: 65536,
      gpus: [{ type: "a100", total: 4, free: 1 }],
    });
    expect(facts.nodes[0]).toMatchObject({ state: "MIXED", reason: null, features: ["skylake", "avx512"], gpus: [] });
  });
  it("give partitions with limits and whom they admit", () => {
    const [cpu, gpu, short, closed, restricted] = facts.partitions;
    expect(cpu).toMatchObject({
      name: "cpu",
      isDefault: true,
      hidden: false,
      maxMinutes: 1440,
      defaultMinutes: 60,
      maxNodes: null,
      cpusTotal: 32,
      cpusFree: 15,
    });
    expect(gpu).toMatchObject({
      gpus: [{ type: "a100", total: 4, free: 1, perNode: 4 }],
      maxMinutes: 720,
      nodes: ["c9gpu1"],
    });
    expect(short).toMatchObject({ maxMinutes: 30, allowAccounts: [], features: ["skylake", "avx512", "zen3"] });
    expect([closed?.up, restricted?.up, restricted?.allowAccounts]).toEqual([false, true, ["genomics"]]);
  });
});

it("counts a node of a maintenance reservation as away, as scontrol and as sinfo spell it; jobs wait for it", () => {
  const all = recorded("partitions.txt");
  for (const state of ["IDLE+MAINTENANCE+RESERVED", "IDLE+MAINT"]) {
    const nodes = recorded("nodes.txt").replaceAll("State=MIXED", `State=${state}`);
    const given = { config: recorded("config.txt"), nodes, partitions: { all, listed: all }, states: "" };
    const { partitions } = readFacts(given, true);
    expect(partitions.every(({ cpusTotal, cpusFree }) => cpusTotal === 0 && cpusFree === 0)).toBe(true);
    // Only a partition's own state decides what Slurm takes: slurm.conf(5), "State" of a partition.
    expect(partitions.filter(({ up }) => !up).map(({ name }) => name)).toEqual(["closed"]);
  }
});

describe("the facts of later versions", () => {
  const later = (name: string) => recorded(name, "later-adapted");
  const all = later("partitions.txt");
  const facts = readFacts(
    { config: "", nodes: later("nodes.txt"), partitions: { all, listed: all }, states: "" },
    true,
  );

  it("leave out what is kept for the system and what is away, and keep what can be powered up", () => {
    expect(facts.nodes[0]).toMatchObject({ cpus: 62, cpusFree: 57, memoryMiB: 250_000, state: "MIXED+PLANNED" });
    expect(facts.nodes[1]?.gpus).toEqual([
      { type: "a100", total: 4, free: 1 },
      { type: "h100", total: 2, free: 2 },
    ]);
    expect(facts.nodes[2]?.reason).toBe("fan is broken, see ticket = 12 [root@1795330000]");
    expect(facts.partitions).toMatchObject([
      {
        up: true,
        cpusTotal: 126,
        cpusPerNode: 64,
        maxNodes: 4,
        maxMinutes: null,
        allowQos: ["normal", "short"],
        allowAccounts: [],
      },
    ]);
  });
});
