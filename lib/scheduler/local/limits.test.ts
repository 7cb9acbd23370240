// Real processes held to their limits, and everything they started gone afterwards.
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { describe, expect, it, type TestContext } from "vitest";
import { discardCgroup, makeCgroup } from "./engine/cgroup.mjs";
import type { LocalOptions } from "./local";
import { eventually, isRunning, makeBed, processesOf } from "./test-bed";

/** Most of these wait for a second or five: each has an engine of its own, and they run side by side. */
function bedFor({ onTestFinished }: TestContext, options: Partial<LocalOptions> = {}) {
  const bed = makeBed(options);
  onTestFinished(bed.close);
  return bed;
}

/** Whether jobs of this process can have a cgroup each. Rows about them are there only where they can. */
const trial = makeCgroup({ name: `berth-limits-${process.pid}`, memoryMiB: 64 }, () => undefined);
await discardCgroup(trial);
const hasCgroups = trial !== null;

/**
 * Root can on a machine of its own: version 1, or the very top of version 2, which alone has no type. In containers these are
 * read-only, or are not the top.
 */
function rootCanHaveThem(): boolean {
  const top = existsSync("/sys/fs/cgroup/memory") ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
  try {
    accessSync(`${top}/cgroup.procs`, constants.W_OK);
    return process.getuid?.() === 0 && !existsSync(`${top}/cgroup.type`);
  } catch {
    return false;
  }
}

it("root gives each job a cgroup wherever the kernel lets it", () => {
  expect(hasCgroups || !rootCanHaveThem()).toBe(true);
});

const measuredBy = hasCgroups ? /^cgroup v[12]/ : /^resident size/;

const TAKE_MEMORY = `exec "${process.execPath}" -e '
  const held = [];
  setInterval(() => held.push(Buffer.alloc(32 << 20, 1)), 20);
'`;

describe.concurrent("memory", () => {
  it("ends a job that takes more than it asked for, and says what measured it", async (context) => {
    const bed = bedFor(context);
    const { id } = await bed.start(TAKE_MEMORY, { memoryMiB: 200 });
    const job = await bed.ended(id);
    expect(job).toMatchObject({ end: "out-of-memory", native: { state: "OUT_OF_MEMORY" } });
    const { memoryBy } = bed.kept(id, "end.json");
    expect(memoryBy).toMatch(measuredBy);
    expect(job.native.reason).toContain(`used more than 200 MiB (${memoryBy}`);
    expect(bed.kept(id, "end.json").maxMemoryMiB).toBeGreaterThanOrEqual(200);
  });

  it("judges by resident size where no cgroup can be made, also what left the session", async (context) => {
    const bed = bedFor(context, { cgroupParent: "none" });
    const { id } = await bed.start(`setsid bash -c '${TAKE_MEMORY.replaceAll("'", "'\\''")}' & wait`, {
      memoryMiB: 200,
    });
    const job = await bed.ended(id);
    expect(job.end).toBe("out-of-memory");
    expect(bed.kept(id, "end.json").memoryBy).toContain("resident size");
    const [past] = await bed.scheduler.history({ owner: job.owner, ids: [id], since: job.submittedAt });
    expect(past?.maxMemoryMiB).toBeGreaterThan(200);
  });

  it("leaves a job alone that stays within it, and remembers what it used", async (context) => {
    const bed = bedFor(context, { cgroupParent: "none" });
    const used = "() => { const { user, system } = process.cpuUsage(); return user + system; }";
    const program = `const used = ${used}; const held = Buffer.alloc(64 << 20, 1); while (used() < 3000000) held[0]++`;
    const script = `exec "${process.execPath}" -e '${program}'`;
    const { id } = await bed.start(script, { memoryMiB: 400 });
    const job = await bed.ended(id);
    expect(job.end).toBe("finished");
    const [past] = await bed.scheduler.history({ owner: job.owner, ids: [id], since: job.submittedAt });
    expect(past?.maxMemoryMiB).toBeGreaterThan(64);
    expect(past?.cpuSeconds).toBeGreaterThanOrEqual(1);
  });
});

describe.concurrent("time", () => {
  it("ends a job at its limit, and what it started with it", async (context) => {
    const bed = bedFor(context);
    const { id, directory } = await bed.start("setsid sleep 300 & echo $! >child; wait", { limitMinutes: 0.02 });
    const job = await bed.ended(id);
    expect(job).toMatchObject({ end: "time-limit", native: { state: "TIMEOUT" } });
    expect(isRunning(readFileSync(`${directory}/child`, "utf8"))).toBe(false);
  });

  it("obeys a limit that was lowered while it ran, and refuses to raise it", async (context) => {
    const bed = bedFor(context);
    const { id, spec } = await bed.start("sleep 300");
    await bed.running(id);
    await expect(bed.scheduler.control(spec.owner, id, { kind: "limit", minutes: 11 })).rejects.toThrow("lowered");
    await bed.scheduler.control(spec.owner, id, { kind: "limit", minutes: 0.02 });
    expect((await bed.ended(id)).end).toBe("time-limit");
  });
});

describe.concurrent("cancel", () => {
  const cases = {
    "a child that called setsid": "setsid sleep 300 & echo $! >child; wait",
    "a grandchild whose parents are gone": "(setsid bash -c 'sleep 300 & echo $! >child; disown') ; sleep 300",
    "a stopped child": "sleep 300 & kill -STOP $!; echo $! >child; wait",
  };
  for (const [name, script] of Object.entries(cases)) {
    for (const inCgroup of hasCgroups ? [false, true] : [false]) {
      it(`kills ${name} (${inCgroup ? "in a cgroup" : "by looking"})`, async (context) => {
        const bed = bedFor(context, inCgroup ? {} : { cgroupParent: "none" });
        const { id, spec, directory } = await bed.start(script);
        const child = await bed.wrote(`${directory}/child`);
        expect(bed.kept(id, "process.json").cgroup !== null).toBe(inCgroup);
        await bed.scheduler.control(spec.owner, id, { kind: "cancel" });
        expect((await bed.ended(id)).end).toBe("cancelled");
        expect(isRunning(child)).toBe(false);
      });
    }
  }

  it("kills what ignores TERM five seconds later", async (context) => {
    const bed = bedFor(context, { cgroupParent: "none" });
    const stubborn = "trap '' TERM; (echo $BASHPID >child; while :; do sleep 1; done) & wait";
    const { id, spec, directory } = await bed.start(stubborn);
    const child = await bed.wrote(`${directory}/child`);
    await bed.scheduler.control(spec.owner, id, { kind: "cancel" });
    expect(await bed.until(id, ({ state }) => state !== "running")).toMatchObject({ state: "completing" });
    expect((await bed.ended(id)).end).toBe("cancelled");
    expect(isRunning(child)).toBe(false);
  });

  it("kills a program that cleared its environment and left the session", async (context) => {
    const bed = bedFor(context, { cgroupParent: "none" });
    const { id, spec, directory } = await bed.start("env -i setsid sleep 300 & echo $! >child; wait");
    const child = await bed.wrote(`${directory}/child`);
    await bed.scheduler.control(spec.owner, id, { kind: "cancel" });
    await bed.ended(id);
    expect(isRunning(child)).toBe(false);
  });

  it("asks with TERM first, so that a script can tidy up", async (context) => {
    const bed = bedFor(context);
    const { id, spec, directory } = await bed.start(
      `trap 'echo tidied >tidied; exit 0' TERM; echo up >up; sleep 300 & wait`,
    );
    await bed.wrote(`${directory}/up`);
    await bed.scheduler.control(spec.owner, id, { kind: "cancel" });
    expect((await bed.ended(id)).end).toBe("cancelled");
    expect(readFileSync(`${directory}/tidied`, "utf8")).toBe("tidied\n");
  });

  it("takes a waiting job out of the queue before it ever runs", async (context) => {
    const bed = bedFor(context);
    const first = await bed.start("sleep 300", { cpus: 4 });
    const second = await bed.start("touch ran", { cpus: 4 });
    await bed.scheduler.control(second.spec.owner, second.id, { kind: "cancel" });
    expect(await bed.ended(second.id)).toMatchObject({ end: "cancelled", startedAt: null });
    await bed.scheduler.control(first.spec.owner, first.id, { kind: "cancel" });
    await bed.ended(first.id);
    expect(() => readFileSync(`${second.directory}/ran`)).toThrow();
  });
});

describe.concurrent("the end of a job", () => {
  it("takes along what the script left in the background", async (context) => {
    const bed = bedFor(context, { cgroupParent: "none" });
    const { id, directory } = await bed.start("setsid sleep 300 & echo $! >child; exit 7");
    expect(await bed.ended(id)).toMatchObject({ end: "failed", native: { exitCode: 7, reason: "exit code 7" } });
    expect(isRunning(readFileSync(`${directory}/child`, "utf8"))).toBe(false);
  });

  it("names the signal that ended it", async (context) => {
    const bed = bedFor(context);
    const { id } = await bed.start("kill -SEGV $$");
    expect(await bed.ended(id)).toMatchObject({ end: "failed", native: { exitCode: null, signal: 11 } });
  });

  it("starts the next one by itself, with nobody asking", async (context) => {
    const bed = bedFor(context);
    await bed.start("sleep 0.2", { cpus: 4 });
    const second = await bed.start("echo up >up; sleep 300", { cpus: 4 });
    expect(await bed.wrote(`${second.directory}/up`)).toBe("up\n"); // only the file is looked at, never the queue
  });

  it("leaves no supervisor and no cgroup behind", async (context) => {
    const bed = bedFor(context);
    const { id } = await bed.start("exit 0");
    await bed.ended(id);
    const { cgroup } = bed.kept(id, "process.json");
    expect(cgroup !== null).toBe(hasCgroups);
    if (cgroup) expect(existsSync(cgroup.path)).toBe(false);
    await eventually(async () => expect(processesOf(bed.root)).toEqual([]));
  });
});
