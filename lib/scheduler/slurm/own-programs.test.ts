// What a person asks runs in that person's shell: squeue, sacct and sbatch may be programs of their own making.
import { describe, expect, it } from "vitest";
import type { Run, RunOptions } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { slurm } from "./slurm";

type Call = { argv: string[]; options: RunOptions };
type Printed = { stdout?: string; stderr?: string };

/** Slurm's programs as somebody's shell has them: `print` sees the arguments, random marks included. */
function cluster(print: (argv: string[]) => Printed) {
  const calls: Call[] = [];
  const bytes = (text = "") => new TextEncoder().encode(text);
  const run: Run = async (argv, options) => {
    calls.push({ argv, options });
    const { stdout, stderr } = print(argv);
    return { code: 0, stdout: bytes(stdout), stderr: bytes(stderr) };
  };
  return { calls, scheduler: slurm({ run, poller: "poller", accounting: true }) };
}

const spec: JobSpec = {
  ...{ owner: "ann", tag: "berth-a000000000000001", comment: "berth:demo:a000000000000001", directory: "~/berth/a" },
  ...{ files: [], script: "script.sh", environment: {}, nodes: 1, cpus: 1, memoryMiB: 1024, gpus: 0 },
  ...{ limitMinutes: 60, minutes: 60 },
};

const TAG = "berth-a000000000000001";
type Told = {
  id: string;
  owner: string;
  nodes?: string;
  state?: string;
  reason?: string;
  start?: string;
  limit?: string;
};

/** squeue's rows for the format that it was asked for. */
function squeue(argv: string[], jobs: Told[]): Printed {
  const format = argv.find((argument) => argument.startsWith("--format="))?.slice("--format=".length) ?? "";
  const rows = jobs.map(
    ({ id, owner, nodes = "n1", state = "RUNNING", reason = "None", start = "1790000000", limit = "1" }) => {
      const values: Record<string, string> = {
        i: id,
        u: owner,
        T: state,
        r: reason,
        j: TAG,
        N: nodes,
        B: "n1",
        S: start,
        l: limit,
      };
      return format.replace(/%(.)/g, (_, letter: string) => values[letter] ?? "1");
    },
  );
  return { stdout: rows.join("\n") };
}

describe("one person's own squeue", () => {
  const hersAndHis = [
    { id: "1", owner: "ben" },
    { id: "2", owner: "ann" },
  ];

  it("speaks of that person's jobs alone", async () => {
    const { scheduler } = cluster((argv) => squeue(argv, hersAndHis));
    expect((await scheduler.jobs({ owner: "ann" })).map(({ id }) => id)).toEqual(["2"]);
    expect((await scheduler.jobs({})).map(({ id }) => id)).toEqual(["1", "2"]);
    expect(await scheduler.find("ann", TAG)).toBe("2");
  });

  it("fills no column of the database", async () => {
    const long = "x".repeat(100_000);
    const told = [{ id: "1", owner: "ann", state: long, reason: long }];
    const [job] = await cluster((argv) => squeue(argv, told)).scheduler.jobs({ owner: "ann" });
    expect(JSON.stringify(job).length).toBeLessThan(5000);
  });

  it("says nothing that a database cannot keep", async () => {
    const told = [{ id: "1", owner: "ann", state: "RUN\0NING", reason: `${"x".repeat(999)}\u{1f642}` }];
    const [job] = await cluster((argv) => squeue(argv, told)).scheduler.jobs({ owner: "ann" });
    expect(job?.native.state).toBe("RUNNING");
    expect(job?.native.reason.isWellFormed()).toBe(true);
  });

  it("names no time that an answer or a column cannot hold", async () => {
    const far = { id: "1", owner: "ann", state: "PENDING", nodes: "", start: "300000000000" };
    const long = { id: "2", owner: "ann", state: "SUSPENDED", limit: "9999999-00:00:00" };
    const jobs = await cluster((argv) => squeue(argv, [far, long])).scheduler.jobs({ owner: "ann" });
    expect(jobs).toMatchObject([{ expectedStartAt: null }, { startedAt: new Date(1790000000_000), limitAt: null }]);
  });

  it("is heard for as long as one person's answer takes, the poller's for as long as everybody's", async () => {
    const { calls, scheduler } = cluster((argv) => squeue(argv, []));
    await scheduler.jobs({ owner: "ann" });
    await scheduler.jobs({});
    await scheduler.find("ann", TAG);
    const bounds = calls.map(({ options }) => options.maxBytes ?? Number.POSITIVE_INFINITY);
    expect(bounds[0]).toBeLessThanOrEqual(8 * 2 ** 20);
    expect(bounds[1]).toBeGreaterThan(100 * 2 ** 20);
    expect(Math.max(...bounds.slice(2))).toBeLessThanOrEqual(4 * 2 ** 20);
  });

  it("names no more nodes in all its rows than one list may", async () => {
    const rows = Array.from({ length: 400 }, (_, index) => ({
      id: String(index + 1),
      owner: "ann",
      nodes: "n[1-90000]",
    }));
    const { scheduler } = cluster((argv) => squeue(argv, rows));
    const jobs = await scheduler.jobs({ owner: "ann" });
    expect(jobs.map(({ nodes }) => nodes.length)).toEqual([90_000, ...Array(399).fill(0)]);
  });
});

describe("one person's own sacct", () => {
  it("leads to few questions and short words, however many jobs it tells of", async () => {
    const { calls, scheduler } = cluster((argv) => {
      if (argv.includes("id")) return { stdout: "someone\n" };
      const mark = argv.find((argument) => argument.startsWith("--delimiter="))?.slice("--delimiter=".length) ?? "";
      const row = (id: number) => [
        id,
        "ann",
        "1001",
        "CANCELLED by 1234",
        "0:0",
        ...Array(9).fill("1"),
        "x".repeat(20_000),
        "1",
        TAG,
        "0:0",
      ];
      return { stdout: Array.from({ length: 500 }, (_, id) => `${row(id + 1).join(mark)}\n`).join("") };
    });
    const records = await scheduler.history({ owner: "ann", tag: TAG, since: new Date(0) });
    expect(records.at(-1)).toMatchObject({ id: "500", cancelledBy: "someone" });
    expect(calls.length).toBeLessThan(100);
    expect(JSON.stringify(records).length).toBeLessThan(200_000);
  });
});

describe("a job of more steps than are heard", () => {
  it("has its record all the same, without what its steps used", async () => {
    const { scheduler, calls } = cluster((argv) => {
      const mark = argv.find((argument) => argument.startsWith("--delimiter="))?.slice("--delimiter=".length) ?? "";
      if (!argv.includes("--allocations")) throw new PortalError("cluster", "env printed more than 4194304 bytes");
      const [start, end] = ["1790000000", "1790000060"];
      const times = ["cpu", "normal", start, start, end, "60", "60"];
      return {
        stdout: `${["7", "ann", "1001", "COMPLETED", "0:0", ...times, "", "n1", "None", "a", TAG, "0:0"].join(mark)}\n`,
      };
    });
    const records = await scheduler.history({ owner: "ann", tag: TAG, since: new Date(0) });
    expect(records).toMatchObject([{ id: "7", end: "finished" }]);
    expect(calls).toHaveLength(2);
  });
});

describe("one person's own sbatch", () => {
  it("names the first node only, and holds nobody up, when it is asked for an estimate", async () => {
    const forecast = (nodes: string) => `to start at 1790000000 using 1 processors on nodes ${nodes} in partition cpu`;
    const estimateOf = (stderr: string) => cluster(() => ({ stderr })).scheduler.estimate(spec);
    expect(await estimateOf(forecast("n[1-3],m1"))).toMatchObject({ node: "n1" });
    expect(await estimateOf(forecast("n[1-99999][1-99999]"))).toMatchObject({ node: null });
    const { words } = await estimateOf("to start at 1 using ".repeat(500_000));
    expect(words?.length).toBeLessThan(10_000);
  });
});
