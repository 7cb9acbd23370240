import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Run, RunOptions } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { slurm } from "./slurm";

const spec: JobSpec = {
  owner: "alice",
  tag: "berth-a000000000000001",
  comment: "berth:demo:a000000000000001",
  directory: "~/berth/a000000000000001",
  files: [{ name: "script.sh", content: new TextEncoder().encode("true\n") }],
  script: "script.sh",
  environment: { BERTH_SECRET: "canary" },
  nodes: 1,
  cpus: 4,
  memoryMiB: 2048.5,
  gpus: 0,
  limitMinutes: 120,
  minutes: 60,
};

type Answer = { code: number; stdout?: string; stderr?: string };
type Call = { argv: string[]; options: RunOptions };

/** A Run that gives one answer to sbatch (staged or not) and notes every call. */
function answering(answer: Answer | PortalError) {
  const calls: Call[] = [];
  const bytes = (text = "") => new TextEncoder().encode(text);
  const run: Run = async (argv, options) => {
    calls.push({ argv, options });
    if (answer instanceof PortalError) throw answer;
    return { code: answer.code, stdout: bytes(answer.stdout), stderr: bytes(answer.stderr) };
  };
  return {
    calls,
    run,
    scheduler: slurm({ run, poller: "poller", binDir: "/opt/slurm/bin/", slurmConf: "/etc/x.conf", accounting: true }),
  };
}
const staged = "directory /home/alice/berth/a000000000000001\n";
const submit = (answer: Answer | PortalError) => answering(answer).scheduler.submit(spec);

describe("submit to Slurm", () => {
  it("takes the job id from stdout alone, whatever is said on stderr", async () => {
    const stderr =
      "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\nSubmitted batch job 99\n";
    const accepted = { outcome: "accepted", jobId: "4711", directory: "/home/alice/berth/a000000000000001" };
    expect(await submit({ code: 0, stdout: `${staged}4711\n`, stderr })).toEqual(accepted);
    expect(await submit({ code: 0, stdout: `${staged}4711;cluster1\n`, stderr })).toEqual(accepted);
  });

  it.each([
    ["an id that is none", "/home/alice/berth/a000000000000001", "1234567890123"],
    ["a directory that no path is long enough for", `/${"a".repeat(5000)}`, "4711"],
  ])("does not know what became of it where the shell tells of %s", async (_what, directory, id) => {
    expect(await submit({ code: 0, stdout: `directory ${directory}\n${id}\n` })).toMatchObject({ outcome: "unknown" });
  });

  it("keeps the beginning of what was said, before the program ran and after", async () => {
    const stderr = "No space left on device. ".repeat(10_000);
    for (const stdout of ["", staged]) {
      const submitted = await submit({ code: 1, stdout, stderr });
      expect(submitted).toMatchObject({ outcome: "rejected", words: stderr.slice(0, 2000) });
    }
  });

  it.each([
    "sbatch: error: Batch job submission failed: Invalid partition name specified",
    "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified",
    "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    "sh: 1: exec: sbatch: not found",
    "sbatch: error: Name a project with --account\nsbatch: error: Batch job submission failed: Unspecified error",
    "sbatch: error: Resource temporarily unavailable, sleeping and retrying\nsbatch: error: Batch job submission failed: Invalid qos specification",
  ])("is rejected in the scheduler's own words: %s", async (stderr) => {
    expect(await submit({ code: 1, stdout: staged, stderr })).toEqual({ outcome: "rejected", words: stderr });
  });

  it.each([
    "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
    "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
    "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
    "sbatch: error: Batch job submission failed: Message receive failure",
    "sbatch: error: Batch job submission failed: Connection reset by peer",
    "sbatch: error: Batch job submission failed: Slurm backup controller in standby mode",
    "sbatch: error: Munge encode failed: Failed to access /run/munge\nsbatch: error: Batch job submission failed: Protocol authentication error",
    "",
  ])("is unknown after: %s", async (stderr) => {
    expect(await submit({ code: 1, stdout: staged, stderr })).toMatchObject({ outcome: "unknown" });
  });

  it.each([
    ["ended by a signal", { code: 143, stdout: staged, stderr: "Terminated" }],
    ["gave no job id", { code: 0, stdout: staged, stderr: "" }],
    ["was cut off", new PortalError("cluster_timeout", "No answer in 40 s.")],
    ["could not be reached", new PortalError("cluster", "Connection lost.")],
  ])("is unknown when sbatch %s", async (_what, answer) => {
    expect(await submit(answer)).toMatchObject({ outcome: "unknown", words: expect.stringMatching(/\w/) });
  });

  it("is unknown when a job of this tag has started already", async () => {
    expect(await submit({ code: 75, stderr: "A job has already started" })).toMatchObject({ outcome: "unknown" });
  });

  it("is rejected in the file system's words when nothing could be staged", async () => {
    const stderr = "mkdir: cannot create directory '/home/alice/berth': Disk quota exceeded";
    expect(await submit({ code: 73, stderr })).toEqual({ outcome: "rejected", words: stderr });
  });

  it("throws when the login was refused, before anything was run", async () => {
    const refused = new PortalError("cluster", "Login node login1 refused alice.", { accountRefused: true });
    await expect(submit(refused)).rejects.toBe(refused);
  });

  it("throws, and asks nobody, when the caller's own request is not usable", async () => {
    const { calls, scheduler } = answering({ code: 0 });
    await expect(scheduler.submit({ ...spec, environment: { "A=B": "x" } })).rejects.toMatchObject({ code: "invalid" });
    expect(calls).toEqual([]);
  });

  it("runs as the owner with a time-out above three of Slurm's own, and no value in any argument", async () => {
    const { calls, scheduler } = answering({ code: 0, stdout: `${staged}1\n` });
    await scheduler.submit(spec);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.options).toMatchObject({ user: "alice" });
    expect(calls[0]?.options.timeoutSeconds).toBeGreaterThan(30);
    expect(calls[0]?.argv.join(" ")).not.toContain("canary");
  });
});

describe("the command line", () => {
  const { scheduler } = answering({ code: 0 });

  it("is what a person could type, each option one argument", () => {
    expect(scheduler.preview(spec)).toEqual([
      "env",
      "SLURM_CONF=/etc/x.conf",
      "/opt/slurm/bin/sbatch",
      "--parsable",
      "--job-name=berth-a000000000000001",
      "--comment=berth:demo:a000000000000001",
      "--nodes=1",
      "--ntasks-per-node=1",
      "--cpus-per-task=4",
      "--mem=2049M",
      "--time=120",
      "--time-min=60",
      "--export=BERTH_NOTHING",
      "--export-file=~/berth/a000000000000001/environment",
      "--chdir=~/berth/a000000000000001",
      "--output=~/berth/a000000000000001/log",
      "--open-mode=append",
      "~/berth/a000000000000001/script.sh",
    ]);
  });

  it("carries what was asked for, and a GPU type only where there is one", () => {
    const asked = { partition: "gpu", account: "a", qos: "q", reservation: "r", constraint: "x&y", gpus: 2 };
    const argv = scheduler.preview({ ...spec, ...asked, gpuType: "a100", limitMinutes: 60 });
    expect(argv).toEqual(
      expect.arrayContaining([
        "--partition=gpu",
        "--account=a",
        "--qos=q",
        "--reservation=r",
        "--constraint=x&y",
        "--gres=gpu:a100:2",
      ]),
    );
    expect(argv.some((argument) => argument.startsWith("--time-min"))).toBe(false);
    expect(scheduler.preview({ ...spec, ...asked, gpuType: "gpu" })).toContain("--gres=gpu:2");
    expect(scheduler.preview({ ...spec, ...asked })).toContain("--gres=gpu:2");
  });
});

describe("other questions", () => {
  it("tell whose question it is: everybody's as the poller, one person's as that person", async () => {
    const { calls, scheduler } = answering({ code: 0 });
    await scheduler.jobs({});
    await scheduler.jobs({ owner: "bob" });
    expect(calls.map(({ options }) => options.user)).toEqual(["poller", "bob"]);
    expect(calls[1]?.argv).toContain("--user=bob");
  });

  it("forecast a start from what --test-only prints", async () => {
    const stderr = "sbatch: Job 9 to start at 1795333734 using 4 processors on nodes cpu[1-2] in partition cpu\n";
    expect(await answering({ code: 0, stderr }).scheduler.estimate(spec)).toEqual({
      accepted: true,
      expectedStartAt: new Date(1795333734_000),
      node: "cpu1",
      words: stderr.trim(),
    });
    const no = await answering({ code: 1, stderr: "allocation failure: Invalid qos specification" }).scheduler.estimate(
      spec,
    );
    expect(no).toEqual({ accepted: false, words: "allocation failure: Invalid qos specification" });
  });

  it("forecast what would be submitted, whatever SBATCH_ variables the person's shell has", async () => {
    const { calls, scheduler } = answering({ code: 0 });
    await scheduler.estimate(spec);
    const argv = calls[0]?.argv.slice(0, 4) ?? [];
    const env = { PATH: process.env.PATH, SBATCH_PARTITION: "x", SLURM_CONF: "/kept", NODE_ENV: "test" as const };
    const shown = execFileSync(argv[0] ?? "", [...argv.slice(1), "env"], { env, encoding: "utf8" });
    expect(shown).not.toContain("SBATCH_");
    expect(shown).toContain("SLURM_CONF=/kept");
  });

  it("count a job that is gone as cancelled, and keep Slurm's words when it refuses", async () => {
    const cancel = (stderr: string) =>
      answering({ code: 1, stderr }).scheduler.control("alice", "7", { kind: "cancel" });
    await cancel("scancel: error: Kill job error on job id 7: Invalid job id specified");
    await cancel("scancel: error: Kill job error on job id 7: Job/step already completing or completed");
    await expect(cancel("scancel: error: Kill job error on job id 7: Access/permission denied")).rejects.toMatchObject({
      code: "forbidden",
      words: expect.stringContaining("denied"),
    });
    await expect(cancel("scancel: error: Unable to contact slurm controller")).rejects.toMatchObject({
      code: "cluster",
    });
  });

  it("take a failed record that never had a node for a refusal, not for the job looked for", async () => {
    const fields = [
      "7",
      "alice",
      "FAILED",
      "100",
      "100",
      "100",
      "10:00",
      "5",
      "",
      "n/a",
      "cpu",
      "normal",
      "BadConstraints",
      "r",
      spec.tag,
    ];
    const run: Run = async (argv) => {
      const mark = /--format=([0-9a-f]{24})%i/.exec(argv.join(" "))?.[1];
      const stdout = mark ? `${mark}${fields.join(mark)}${mark}\n` : "";
      return { code: 0, stdout: new TextEncoder().encode(stdout), stderr: new Uint8Array() };
    };
    expect(await slurm({ run, poller: "poller", accounting: true }).find("alice", spec.tag)).toBeNull();
  });

  it("are found in the queue alone while accounting is silent", async () => {
    const shown = [
      "7",
      "alice",
      "RUNNING",
      "100",
      "100",
      "700",
      "10:00",
      "5",
      "n1",
      "n1",
      "cpu",
      "q",
      "None",
      "r",
      spec.tag,
    ];
    const answers = (queue: string[]): Run => {
      return async (argv) => {
        const mark = /--format=([0-9a-f]{24})%i/.exec(argv.join(" "))?.[1];
        const bytes = (text: string) => new TextEncoder().encode(text);
        if (!mark) return { code: 1, stdout: bytes(""), stderr: bytes("sacct: error: Connection refused") };
        return {
          code: 0,
          stdout: bytes(queue.length > 0 ? `${mark}${queue.join(mark)}${mark}\n` : ""),
          stderr: bytes(""),
        };
      };
    };
    const over = (run: Run) => slurm({ run, poller: "poller", accounting: true });
    expect(await over(answers(shown)).find("alice", spec.tag)).toBe("7");
    expect(await over(answers([])).find("alice", spec.tag)).toBeNull();
    const since = new Date(0);
    await expect(over(answers([])).history({ owner: "alice", ids: ["7"], since })).rejects.toThrow("sacct");
  });
});
