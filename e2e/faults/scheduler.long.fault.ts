// Slurm is down, slow, talkative or without its accounting: unknown is not dead, and nothing is asked twice at a time.
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { slurm } from "@/e2e/machine";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import { echo, openApp, ready, untilIn } from "./app";
import { fault, type Given } from "./fault";
import { useGround } from "./ground";
import { plan } from "./plan";
import { p95, until } from "./until";

const ground = useGround();
const isDefault = () => plan().waits === "default";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

fault(
  "F8 slurmctld is down: sessions stay, are shown as stale, apps go on, a launch is not lost",
  { seconds: 500, ground },
  async (given) => {
    const { api, cluster, inject } = given;
    const alice = api("alice");
    const { id, jobId } = await ready(alice);
    const app = await openApp(alice, id);
    // Slurm writes its jobs down every few seconds; one that it forgot is lost by Slurm, and its id is given again.
    await cluster.saved(jobId ?? "");
    const downAt = performance.now();
    await cluster.kill("slurmctld");
    inject("kill -9 slurmctld");
    await until("it is shown as stale", 60, async () => (await alice.session(id)).staleSince !== null);
    const launch = () =>
      alice.ask<SessionView>(paths.sessions(), {
        method: "POST",
        body: echo(),
        headers: { "idempotency-key": `while slurmctld is down ${downAt}` },
      });
    const asked = await launch();
    expect([asked.status, asked.retryAfterSeconds > 0]).toEqual(asked.status === 201 ? [201, false] : [503, true]);
    const stayMs = isDefault() ? 5 * 60_000 : 12_000;
    while (performance.now() - downAt < stayMs) {
      expect((await alice.session(id)).state).toBe("ready");
      expect(await app.get()).toBe(200);
      await pause(300);
    }
    await cluster.repair();
    await until("it is not stale any more", 90, async () => (await alice.session(id)).staleSince === null);
    const launched = await until("the request is answered", 60, async () => {
      const again = await launch();
      return again.status === 201 ? again.body : null;
    });
    if (asked.status === 201) expect(launched.id).toBe(asked.body.id);
    await untilIn(alice, launched.id, "ready", 180);
    expect(await alice.live()).toHaveLength(2);
    expect((await alice.session(id)).state).toBe("ready");
  },
);

/** Processes of the one question for everybody's jobs: the login nodes are this machine. Facts count jobs beside it. */
function pollsInFlight(programs: string): number {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words[0] === join(programs, "squeue") && words.includes("--states=all");
    } catch {
      return false;
    }
  }).length;
}

fault(
  "F9 slurmctld is slow: one poll at a time, the API stays quick",
  { seconds: 240, ground },
  async ({ api, cluster, programs, inject }) => {
    const alice = api("alice");
    const { id } = await ready(alice);
    await alice.must(paths.clusters());
    const asks = { sessions: paths.sessions(), session: paths.session(id), me: paths.me(), clusters: paths.clusters() };
    const stoppedMs = isDefault() ? 15_000 : 6000;
    let most = 0;
    /** How long each question takes, asked again and again for so long; in milliseconds. */
    async function askFor(durationMs: number, times: Record<string, number[]>): Promise<void> {
      const goesOnAt = performance.now() + durationMs;
      while (performance.now() < goesOnAt) {
        for (const [name, path] of Object.entries(asks)) {
          const startedAt = performance.now();
          await alice.must(path);
          times[name] = [...(times[name] ?? []), performance.now() - startedAt];
        }
        most = Math.max(most, pollsInFlight(programs));
        await pause(120);
      }
    }
    // What is quick depends on what else this machine does: the same with a scheduler that answers.
    const usual: Record<string, number[]> = {};
    await askFor(stoppedMs, usual);
    most = 0;
    const slow: Record<string, number[]> = {};
    for (let stops = 0; stops < 2; stops += 1) {
      cluster.signal("slurmctld", "SIGSTOP");
      inject(`slurmctld stopped for ${stoppedMs / 1000} s`);
      try {
        await askFor(stoppedMs, slow);
      } finally {
        cluster.signal("slurmctld", "SIGCONT");
      }
      await pause(1000);
    }
    expect(most).toBe(1);
    for (const [name, took] of Object.entries(slow))
      expect(p95(took), `p95 of ${name}`).toBeLessThan(300 + 2 * p95(usual[name] ?? []));
    expect((await alice.session(id)).state).toBe("ready");
  },
);

/** Puts a script in the place of one of the scheduler's programs. */
function replace(programs: string, name: string, script: string): void {
  const file = join(programs, name);
  writeFileSync(`${file}.new`, script, { mode: 0o755 });
  renameSync(`${file}.new`, file);
}

function restore(programs: string, name: string): void {
  rmSync(join(programs, name), { force: true });
  symlinkSync(`/usr/bin/${name}`, join(programs, name));
}

const talkative = `#!/bin/sh
echo "sbatch: error: Slurm controller not responding, sleeping and retrying." >&2
echo "Your project has used 123456 of 200000 core hours"
/usr/bin/sbatch "$@"
code=$?
echo "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying." >&2
echo "Job 99999999 of somebody else was accepted as well"
exit $code
`;

fault(
  "F11 sbatch is talkative: the id is parsed from its own line",
  { seconds: 240, ground },
  async ({ api, programs, inject }) => {
    replace(programs, "sbatch", talkative);
    inject("words on stdout and stderr");
    try {
      const session = await ready(api("alice"));
      expect(session.jobId).toMatch(/^\d{1,7}$/);
    } finally {
      restore(programs, "sbatch");
    }
  },
);

async function withoutAccounting(given: Given, isMissing: boolean): Promise<void> {
  const { site, api, cluster, programs, inject } = given;
  const alice = api("alice");
  const before = await ready(alice);
  if (isMissing)
    replace(programs, "sacct", '#!/bin/sh\necho "sacct: error: Slurm accounting storage is disabled" >&2\nexit 1\n');
  else await cluster.kill("slurmdbd");
  inject(isMissing ? "sacct fails" : "kill -9 slurmdbd");
  try {
    // Nobody tells whether the submit went through, and accounting cannot be asked.
    await site.endPortal("SIGTERM");
    await site.startPortal({ PORTAL_KILL_AT: "after-submit" });
    await alice.create(echo()).catch(() => null);
    inject("kill -9 after-submit");
    await site.endPortal("SIGKILL");
    await site.startPortal();
    const live = await until("the job is adopted by the queue alone", 90, async () => {
      const all = await alice.live();
      return all.length === 2 && all.every(({ jobId }) => jobId !== null) ? all : null;
    });
    for (const { id } of live) await untilIn(alice, id, "ready");
    await alice.stop(before.id);
    expect((await untilIn(alice, before.id, "ended", 120)).endReason).toBe("stopped");
    // Whom it was cancelled by is in accounting alone: that more is not known is said.
    const [cancelled] = live.filter(({ id }) => id !== before.id);
    slurm(["scancel", cancelled?.jobId ?? ""]);
    const end = await untilIn(alice, cancelled?.id ?? "", "ended", 120);
    expect(end.endDetail).toContain("Accounting did not answer, so more is not known.");
  } finally {
    if (isMissing) restore(programs, "sacct");
    else await cluster.repair();
  }
}

fault(
  "F12 accounting is away: jobs are adopted and ended by the queue alone, and what is not known is said",
  { seconds: 400, ground },
  (given) => withoutAccounting(given, given.round % 2 === 1),
);
