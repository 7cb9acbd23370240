// The portal is killed at a named instruction and started again: the launch is neither lost nor doubled, the stop is
// carried out.

import { expect, test } from "@playwright/test";
import { apiOf, smallFolder, stopAll, untilState } from "@/e2e/api";
import {
  expectOneOfEach,
  expectQuota,
  named,
  resolvedSeconds,
  startAgain,
  startFresh,
  stopPortal,
  untilResolved,
} from "@/e2e/kill";
import { jobsOf, processesOf, slurm } from "@/e2e/machine";

/** Two kills, one after the other, then one start that must sort out both. */
const launchPoints = [
  ["after-intent", "after-submit"],
  ["before-submit", "after-record"],
];

/** Asks for a session from a portal that dies of it; answers the session's name. */
async function launchIntoDeath(point: string): Promise<string> {
  const doomed = await startAgain(point);
  const name = `killed ${point} ${Date.now()}`;
  const answered = await apiOf("alice")
    .create(smallFolder("hpc", { name }), name)
    .then(
      () => true,
      () => false,
    );
  expect(answered).toBe(false);
  await doomed.ended;
  return name;
}

test.beforeAll("a portal with empty data, and a token of alice", async () => {
  test.setTimeout(600_000);
  await startFresh();
  apiOf("alice");
  await stopPortal();
});

test.afterEach(stopPortal);

for (const points of launchPoints) {
  test(`killed ${points.join(" and ")}: exactly one job for each launch`, async () => {
    const names: string[] = [];
    for (const point of points) names.push(await launchIntoDeath(point));
    const startedAt = Date.now();
    await startAgain();
    const api = apiOf("alice");
    for (const name of names) {
      // Nobody repeats the request: what was committed before the kill must be enough.
      const [found, ...more] = await untilResolved(api, name);
      expect(more).toEqual([]);
      expect(Date.now() - startedAt).toBeLessThan(resolvedSeconds * 1000);
      const id = found?.id ?? "";
      await untilState(api, id, "ready");
      expect((await api.create(smallFolder("hpc", { name }), name)).id).toBe(id);
      await expectOneOfEach(api, id);
    }
    await stopAll(api);
    await expectQuota(api);
  });
}

for (const point of ["after-stop-intent", "after-end"]) {
  test(`killed ${point}: the session ends once, and its job with it`, async () => {
    const api = apiOf("alice");
    const doomed = await startAgain(point);
    const { id } = await api.create(smallFolder("hpc", { name: `killed ${point} ${Date.now()}` }));
    await untilState(api, id, "ready");
    // after-end dies in the reconciler, after the answer; after-stop-intent before it.
    await api.stop(id).catch(() => null);
    await doomed.ended;

    await startAgain();
    const ended = await untilState(api, id, "ended", 90);
    expect(ended.endReason).toBe("stopped");
    expect(slurm(["squeue", "-h", "-u", "alice", `--name=berth-${id}`])).toEqual([]);
    await expect.poll(() => processesOf(id)).toEqual([]);
    expect(jobsOf(id, "alice")).toHaveLength(1);
    await expectQuota(api);
  });
}

test("a session of one minute ends by its deadline while the portal is dead", async () => {
  test.setTimeout(400_000);
  const api = apiOf("alice");
  await startAgain();
  const name = `one minute ${Date.now()}`;
  const { id } = await api.create(smallFolder("hpc", { name, minutes: 1 }));
  await untilState(api, id, "ready");
  await stopPortal();
  expect(processesOf(id)).not.toEqual([]);
  await expect.poll(() => processesOf(id), { timeout: 120_000, intervals: [1000] }).toEqual([]);
  await startAgain();
  expect((await untilState(api, id, "ended", 90)).endReason).toBe("deadline");
  expect(await named(api, name)).toHaveLength(1);
});
