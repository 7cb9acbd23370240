// The portal is killed at a named instruction and started again: the launch is neither lost nor doubled, the stop is
// carried out. "@quick" is what the landing tier runs.

import { expect, test } from "@playwright/test";
import { apiOf, smallFolder, stopAll, untilState } from "@/e2e/api";
import { expectOneOfEach, expectQuota, named, startAgain, startFresh, stopPortal, untilResolved } from "@/e2e/kill";
import { jobsOf, processesOf, slurm } from "@/e2e/machine";

const launchPoints = ["after-intent", "before-submit", "after-submit", "after-record"];
const quick = ["after-intent", "after-submit"];

test.beforeAll("a portal with empty data, and a token of alice", async () => {
  test.setTimeout(600_000);
  await startFresh();
  apiOf("alice");
  await stopPortal();
});

test.afterEach(stopPortal);

for (const point of launchPoints) {
  const tag = quick.includes(point) ? "@quick" : [];
  test(`killed ${point}: exactly one job for the launch`, { tag }, async () => {
    const doomed = await startAgain(point);
    const api = apiOf("alice");
    const name = `killed ${point} ${Date.now()}`;
    const request = smallFolder("hpc", { name });
    const answered = await api.create(request, name).then(
      () => true,
      () => false,
    );
    expect(answered).toBe(false);
    await doomed.ended;

    await startAgain();
    // Nobody repeats the request: what was committed before the kill must be enough.
    const [found, ...more] = await untilResolved(api, name);
    expect(more).toEqual([]);
    const id = found?.id ?? "";
    await untilState(api, id, "ready");
    expect((await api.create(request, name)).id).toBe(id);
    await expectOneOfEach(api, id);
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
