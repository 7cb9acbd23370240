// A portal on the real Slurm that tests may kill and start again, and what must be true of every launch afterwards.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { expect } from "@playwright/test";
import { type Portal, startDemo } from "@/dev/test/portals";
import { type Api, forgetTokens, portalUnderTest } from "@/e2e/api";
import { jobsOf } from "@/e2e/machine";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";

/** Within this long after a restart every launch is resolved: the promise of fault cases F1 and F2. */
export const resolvedSeconds = 90;

const port = (): number => Number(new URL(portalUnderTest().url).port);

let running: Portal | null = null;

/** For afterEach: a test that failed leaves its portal behind. */
export async function stopPortal(): Promise<void> {
  await running?.stop();
  running = null;
}

async function startTracked(start: Parameters<typeof startDemo>[1]): Promise<Portal> {
  await stopPortal();
  running = await startDemo(port(), { flags: ["--slurm"], ...start });
  return running;
}

/** Starts the demo with what an earlier run left; `killAt` names an instruction of lib/kill-point.ts. */
export const startAgain = (killAt?: string): Promise<Portal> =>
  startTracked({ fresh: false, environment: killAt ? { PORTAL_KILL_AT: killAt } : {} });

export function startFresh(): Promise<Portal> {
  forgetTokens();
  return startTracked({});
}

/** Pid of the portal's own process, below npm and the demo's command. */
export function portalPid(): number {
  const release = `/var/lib/berth-${port()}/release`;
  const found = readdirSync("/proc").filter((pid) => {
    try {
      return (
        readlinkSync(`/proc/${pid}/cwd`) === release && readFileSync(`/proc/${pid}/cmdline`).includes("server.mjs")
      );
    } catch {
      // No process, or one that has ended meanwhile.
      return false;
    }
  });
  if (found.length !== 1) throw new Error(`${found.length} portals run from ${release}: ${found.join(" ")}`);
  return Number(found[0]);
}

/** All sessions whose name begins with `name`, ended ones too. */
export async function named(api: Api, name: string): Promise<SessionView[]> {
  const found = await api.must<Answer<"sessions">>(`${paths.sessions()}?limit=200&search=${encodeURIComponent(name)}`);
  return found.items;
}

/** Waits until no session of these is left undecided; a start leaves `resolvedSeconds` for that. */
export async function untilResolved(api: Api, name: string): Promise<SessionView[]> {
  const wait = { timeout: resolvedSeconds * 1000, intervals: [500], message: `${api.who}'s ${name} are resolved` };
  await expect
    .poll(async () => (await named(api, name)).filter(({ state }) => state === "submitting").length, wait)
    .toBe(0);
  return named(api, name);
}

/** Session directories on disk; none for a person who never launched anything. */
export function directoriesOf(who: string): string[] {
  const place = `/home/${who}/.berth/sessions`;
  return existsSync(place) ? readdirSync(place) : [];
}

/**
 * True for a directory of a session that another portal made: test clusters of one machine share homes. `names`: how the names
 * of this one's sessions begin.
 */
export function isForeign(who: string, directory: string, names: string): boolean {
  try {
    const environment = readFileSync(`/home/${who}/.berth/sessions/${directory}/environment`, "utf8");
    const name = /BERTH_NAME=([^\0]*)/.exec(environment)?.[1];
    return name !== undefined && !name.startsWith(names);
  } catch {
    // Not there yet, or not any more.
    return false;
  }
}

/** One job in Slurm and one directory on disk for the session, and the person's quota is what lives. */
export async function expectOneOfEach(api: Api, id: string): Promise<void> {
  await expect.poll(() => jobsOf(id, api.who), { message: `jobs of ${id}` }).toHaveLength(1);
  expect(directoriesOf(api.who).filter((name) => name === id)).toEqual([id]);
  await expectQuota(api);
}

export async function expectQuota(api: Api): Promise<void> {
  const { limits } = await api.must<Answer<"me">>(paths.me());
  const used = limits.find(({ name }) => name === "sessions")?.used;
  expect(used).toBe((await api.live()).length);
}
