// When a job ends itself, as a real process: at its deadline, which stands still while the job does.
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { connectionOf, listener, start } from "@/dev/test-job-script";

const seconds = () => Math.floor(Date.now() / 1000);

/** Every pause, in seconds, that the job took for a suspension: what a loaded machine adds of its own is told by its length. */
const pauses = (log: string) => [...log.matchAll(/stood still for (\d+) s/g)].map(([, length]) => Number(length));

/** Suspends the job `left` seconds before its new deadline, which it answers, until `late` seconds after that. */
async function suspend(job: ReturnType<typeof start>, { left, late }: { left: number; late: number }): Promise<number> {
  job.child.kill("SIGSTOP");
  const deadline = seconds() + left;
  writeFileSync(join(job.directory, "deadline"), `${deadline}\n`);
  await expect.poll(seconds, { timeout: 20_000 }).toBeGreaterThanOrEqual(deadline + late);
  job.child.kill("SIGCONT");
  return deadline;
}

describe("a job", () => {
  it.each([
    ["runs", listener],
    ["starts", "echo begun; exec sleep 600"],
  ])("has the time that it was suspended for at its end, also while it %s", async (phase, script) => {
    const job = start({ script });
    await (phase === "runs"
      ? connectionOf(job)
      : vi.waitFor(() => expect(job.log()).toContain("begun"), { timeout: 30_000, interval: 50 }));
    const deadline = await suspend(job, { left: 3, late: 5 });
    expect((await job.ended).log).toContain("stood still");
    expect(job.read("ended")).toBe("deadline 0");
    // Three seconds were left, and some that are not counted.
    expect(seconds()).toBeGreaterThan(deadline + 6);
  });

  it("has no more time on a node that is busy for some seconds", async () => {
    const job = start({ script: listener });
    await connectionOf(job);
    await suspend(job, { left: 2, late: 0 });
    expect(pauses((await job.ended).log).filter((pause) => pause <= 5)).toEqual([]);
    expect(job.read("ended")).toBe("deadline 0");
  });

  it("has no more time for storage that hangs while it looks at its deadline", async () => {
    const job = start({ script: listener });
    await connectionOf(job);
    const [file, next] = [join(job.directory, "deadline"), join(job.directory, "next")];
    // Reading hangs until somebody has written to it, and closed it.
    execFileSync("mkfifo", [next]);
    renameSync(next, file);
    const writer = await vi.waitFor(() => openSync(file, constants.O_WRONLY | constants.O_NONBLOCK), {
      timeout: 20_000,
    });
    const since = seconds();
    await expect.poll(seconds, { timeout: 20_000 }).toBeGreaterThan(since + 7);
    writeFileSync(next, "1\n");
    renameSync(next, file);
    writeSync(writer, "9999999999\n");
    closeSync(writer);
    expect(pauses((await job.ended).log).filter((pause) => pause > 7)).toEqual([]);
    expect(job.read("ended")).toBe("deadline 0");
  });

  it("is ended at its deadline, with nobody's help", async () => {
    const job = start({ script: listener });
    await connectionOf(job);
    writeFileSync(join(job.directory, "deadline"), "1\n");
    expect((await job.ended).code).toBe(0);
    expect(job.read("ended")).toBe("deadline 0");
  });
});
