import { afterAll, describe, expect, it } from "vitest";
import type { Run } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import { schedulerContract } from "@/lib/scheduler/contract";
import { clusterSlurm as at, clusterReach, shell as shellOver } from "@/lib/scheduler/contract-cluster";
import {
  type ContractEngine,
  cancelStarted,
  eventually,
  newId,
  seen,
  specFor,
  start,
} from "@/lib/scheduler/contract-jobs";

const reach = clusterReach();
const { run } = reach;
const shell = (script: string, user = "alice") => shellOver(run, user, script);
afterAll(async () => {
  await cancelStarted(engine);
  await reach.close();
});

const unreachable: Run = async () => {
  throw new PortalError("cluster", "The login node does not answer.");
};

const engine: ContractEngine = {
  scheduler: at(run),
  broken: at(unreachable),
  owner: "alice",
  stranger: "bob",
  directory: (id) => `~/berth-contract/${id}`,
  defaults: { partition: "cpu" },
  refused: { partition: "no-such-partition" },
  fill: { count: 1, spec: { partition: "gpu", cpus: 16 } },
  files: {
    run,
    foreignDirectory: async () => {
      const path = `/tmp/berth-foreign-${newId()}`;
      await shell(`mkdir -m 777 ${path}`, "bob");
      return path;
    },
  },
  waitSeconds: 90,
  close: async () => {
    await shell("rm -rf ~/berth-contract");
    await shell("rm -rf /tmp/berth-foreign-*", "bob");
  },
};

schedulerContract("Slurm", async () => engine, { files: true, memory: true });

describe("Slurm", { timeout: 120_000 }, () => {
  const { scheduler } = engine;

  it("shows no row that somebody forged with a job's name", async () => {
    const forged = `x\n99999|victim|RUNNING\n|${"\u001b"}[2J`;
    const id = await shell(`sbatch --parsable --job-name='${forged}' --partition=closed --wrap=true`, "bob");
    const jobs = await scheduler.jobs({});
    const mine = jobs.filter((job) => job.id === id);
    await shell(`scancel ${id}`, "bob");
    expect(mine).toMatchObject([{ owner: "bob", state: "queued", tag: expect.stringMatching(/^x 99999/) }]);
    expect(jobs.some((job) => job.id === "99999" || job.owner === "victim")).toBe(false);
    expect(mine[0]?.tag).not.toMatch(/\p{Cc}/u);
    const recently = new Date(Date.now() - 600_000);
    const past = await eventually(engine, async () => {
      const records = await scheduler.history({ owner: "bob", ids: [id], since: recently });
      if (records.length === 0) throw new Error("not accounted for yet");
      return records;
    });
    expect(past).toMatchObject([{ id, owner: "bob", tag: expect.stringMatching(/^x 99999/) }]);
  });

  it.each([
    ["an unknown QOS", { qos: "no-such-qos" }],
    ["an account that is not the person's", { account: "no-such-account" }],
    ["a partition for another account", { partition: "restricted", account: "research" }],
    ["a feature that no node has", { constraint: "no-such-feature" }],
    ["a GPU type that no node has", { gpus: 1, gpuType: "h900", partition: "gpu" }],
    ["more cores than any node has", { cpus: 500 }],
    ["more memory than any node has", { memoryMiB: 9_000_000 }],
    ["more time than the partition allows", { partition: "short", limitMinutes: 9000 }],
    ["a reservation that is not there", { reservation: "no-such-reservation" }],
  ])("rejects %s, and leaves neither job nor directory", async (_what, change) => {
    const spec = specFor(engine, "exit-0", change);
    expect(await scheduler.submit(spec)).toMatchObject({ outcome: "rejected", words: expect.stringMatching(/error/) });
    expect(await scheduler.find(spec.owner, spec.tag)).toBeNull();
    expect(await shell(`ls ${spec.directory.replace("~", "/home/alice")} 2>&1 || true`)).toContain("No such file");
  });

  it("does not admit a person without an association, and rejects their job", async () => {
    expect(await scheduler.access("nora")).toMatchObject({ admitted: false, words: expect.stringContaining("nora") });
    const spec = specFor(engine, "exit-0", { owner: "nora" });
    expect(await scheduler.submit(spec)).toMatchObject({ outcome: "rejected" });
  });

  it("knows accounts, default account and QOS of a person", async () => {
    const access = await scheduler.access("alice");
    expect(access.accounts.toSorted()).toEqual(["genomics", "research"]);
    expect(access.defaultAccount).toBe("research");
    expect(access.qos).toEqual(expect.arrayContaining(["normal", "short"]));
    expect(access.defaultQos).toContainEqual({ account: "genomics", qos: "normal" });
    expect(access.walltimes).toEqual([{ of: "qos", name: "short", minutes: 30 }]);
  });

  it("knows partitions, addresses of nodes, GPUs in use and features", async () => {
    const { id, spec } = await start(engine, "wait", { partition: "gpu", gpus: 2, gpuType: "a100" });
    await seen(engine, id, ({ state }) => state === "running");
    const { partitions, nodes, scheduler: version, accounting } = await scheduler.facts();
    await scheduler.control(spec.owner, id, { kind: "cancel" });
    expect(version).toMatch(/^slurm 2\d\.\d\d/);
    expect(accounting).toBe(true);
    expect(partitions.find(({ name }) => name === "cpu")).toMatchObject({
      up: true,
      isDefault: true,
      maxMinutes: 1440,
      defaultMinutes: 60,
    });
    expect(partitions.find(({ name }) => name === "closed")?.up).toBe(false);
    expect(partitions.find(({ name }) => name === "restricted")?.allowAccounts).toEqual(["genomics"]);
    const gpus = partitions.find(({ name }) => name === "gpu")?.gpus;
    expect(gpus).toMatchObject([{ type: "a100", total: 4, perNode: 4 }]);
    expect(gpus?.[0]?.free).toBeLessThanOrEqual(2);
    expect(nodes.find(({ name }) => /gpu\d+$/.test(name))?.address).toMatch(/^127\.31\./);
    expect(nodes.find(({ name }) => /cpu\d+$/.test(name))?.features).toContain("avx512");
  });

  it("gives a job its devices", async () => {
    const { id, directory } = await start(engine, "show-environment", { partition: "gpu", gpus: 2, gpuType: "a100" });
    await seen(engine, id, ({ state }) => state === "ended");
    expect(await shell(`tr '\\0' '\\n' <${directory}/seen | grep CUDA_VISIBLE`)).toMatch(
      /^CUDA_VISIBLE_DEVICES=\d,\d$/,
    );
  });

  it("tells why a partition that is closed starts nothing", async () => {
    const { id, spec } = await start(engine, "wait", { partition: "closed" });
    const job = await seen(engine, id, ({ native }) => native.reason === "PartitionDown");
    expect(job).toMatchObject({ state: "queued" });
    await scheduler.control(spec.owner, id, { kind: "cancel" });
  });

  it("adopts the job when the answer to its submit was lost", async () => {
    const deaf: Run = async (argv, options) => {
      await run(argv, options);
      throw new PortalError("cluster_timeout", "No answer.");
    };
    const spec = specFor(engine, "wait");
    expect(await at(deaf).submit(spec)).toMatchObject({ outcome: "unknown" });
    const id = await scheduler.find(spec.owner, spec.tag);
    expect(id).toMatch(/^\d+$/);
    await scheduler.control(spec.owner, id ?? "", { kind: "cancel" });
  });

  it("is unknown, not rejected, when the controller does not answer", async () => {
    const conf = await shell('mktemp -d && sed -e "s/^SlurmctldPort=.*/SlurmctldPort=1/" $SLURM_CONF');
    const [directory = "", ...lines] = conf.split("\n");
    const text = new TextEncoder().encode(`${lines.join("\n")}\nMessageTimeout=2\n`);
    await run(["sh", "-c", 'cat >"$1"/slurm.conf', "sh", directory], { user: "alice", stdin: text });
    const dead = at(run, { slurmConf: `${directory}/slurm.conf`, poller: "alice" });
    const spec = specFor(engine, "exit-0");
    expect(await dead.submit(spec)).toMatchObject({
      outcome: "unknown",
      words: expect.stringMatching(/contact|refused/),
    });
    await expect(dead.jobs({})).rejects.toMatchObject({ code: "cluster" });
    await expect(dead.find("alice", spec.tag)).rejects.toMatchObject({ code: "cluster" });
    await expect(dead.estimate(spec)).rejects.toMatchObject({ code: "cluster" });
    await shell(`rm -rf ${directory}`);
  });

  it("tells in words of the file system why nothing could be written, and leaves nothing", async () => {
    const directory = "/dev/shm/berth-full";
    await shell(`mkdir -p -m 700 ${directory} && chmod 500 ${directory}`);
    const spec = specFor(engine, "exit-0", { directory: `${directory}/session` });
    expect(await scheduler.submit(spec)).toMatchObject({
      outcome: "rejected",
      words: expect.stringMatching(/denied/i),
    });
    expect(await shell(`ls -A ${directory}; chmod 700 ${directory}; rmdir ${directory}`)).toBe("");
  });

  it.each(["tess", "paul", "slow"])("works for %s, whose login shell is awkward", async (owner) => {
    const spec = { owner, environment: { BERTH_VALUE: "a\nb 'c' !d \"$(id)\"" } };
    const { id, directory } = await start(engine, "show-environment", spec);
    await seen(engine, id, ({ state }) => state === "ended");
    expect(await shell(`tr '\\0' '|' <${directory}/seen`, owner)).toContain(spec.environment.BERTH_VALUE);
    await shell("rm -rf ~/berth-contract", owner);
  });

  it("knows for some minutes how a job ended even without accounting", async () => {
    const bare = at(run, { accounting: false });
    const { id, spec } = await start(engine, "exit-3");
    await seen(engine, id, ({ state }) => state === "ended");
    const past = await bare.history({ owner: "alice", ids: [id, "99999999"], since: new Date(Date.now() - 600_000) });
    expect(past).toMatchObject([{ id, tag: spec.tag, end: "failed", native: { exitCode: 3 } }]);
    expect(await bare.find("alice", spec.tag)).toBe(id);
    expect(await bare.access("alice")).toMatchObject({ admitted: true, accounts: [] });
  });

  it("takes many jobs of one person at the same moment, each with its own directory", async () => {
    const parent = `~/berth-contract/parallel-${newId()}`;
    const specs = Array.from({ length: 6 }, () => specFor(engine, "exit-0", { partition: "closed" }));
    const submitted = await Promise.all(
      specs.map((spec) => scheduler.submit({ ...spec, directory: `${parent}/deeper/${spec.tag}` })),
    );
    const ids = submitted.map((answer) => (answer.outcome === "accepted" ? answer.jobId : answer.words));
    expect(new Set(ids).size).toBe(6);
    for (const id of ids) await scheduler.control("alice", id, { kind: "cancel" });
  });

  it("requeues a running job under the same id", async () => {
    const { id, spec } = await start(engine, "wait");
    await seen(engine, id, ({ state }) => state === "running");
    await scheduler.control(spec.owner, id, { kind: "requeue" });
    await seen(engine, id, ({ state }) => state === "queued");
    await scheduler.control(spec.owner, id, { kind: "cancel" });
    await seen(engine, id, ({ state }) => state === "ended");
    const past = await eventually(engine, async () => {
      const records = await scheduler.history({ owner: "alice", ids: [id], since: new Date(Date.now() - 600_000) });
      if (records[0]?.state !== "ended") throw new Error(JSON.stringify(records));
      return records;
    });
    expect(past).toMatchObject([{ id, tag: spec.tag, end: "cancelled" }]);
  });

  it("does not let somebody's environment change the question", async () => {
    const polluted: Run = (argv, options) =>
      run(
        ["env", "SQUEUE_PARTITION=gpu", "SQUEUE_STATES=PD", "SQUEUE_FORMAT=%u", "SBATCH_ARRAY_INX=1-3", ...argv],
        options,
      );
    const spec = specFor(engine, "wait");
    const submitted = await at(polluted).submit(spec);
    expect(submitted.outcome).toBe("accepted");
    const id = await at(polluted).find(spec.owner, spec.tag);
    expect(submitted).toMatchObject({ jobId: id });
    await scheduler.control(spec.owner, id ?? "", { kind: "cancel" });
  });

  it("reports the peak memory that accounting measured", async () => {
    const script = new TextEncoder().encode("#!/bin/sh\nheld=$(head -c 60000000 /dev/zero | tr '\\0' x)\nsleep 8\n");
    const { id } = await start(engine, "exit-0", { files: [{ name: "script.sh", content: script }] });
    const record = await eventually(engine, async () => {
      const [past] = await scheduler.history({ owner: "alice", ids: [id], since: new Date(Date.now() - 600_000) });
      if (past?.state !== "ended" || past.maxMemoryMiB === null) throw new Error(JSON.stringify(past));
      return past;
    });
    expect(record.maxMemoryMiB).toBeGreaterThan(50);
    expect(record.maxMemoryMiB).toBeLessThan(200);
    expect(record.cpuSeconds).toBeGreaterThan(0);
  });
});
