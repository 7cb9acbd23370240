// The portal's clock is wrong. Certificates are dated by it and judged by the login node's.
import { expect } from "vitest";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";
import { openApp, ready } from "./app";
import { fault, type Given } from "./fault";
import { useGround } from "./ground";
import { until } from "./until";

const ground = useGround();
const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/** Restarts the portal with its wall clock wrong by `seconds`; time that is measured, not told, stays right. */
async function startAt({ site, inject }: Given, seconds: number): Promise<void> {
  await site.endPortal("SIGTERM");
  const fake = {
    LD_PRELOAD: library,
    FAKETIME: `${seconds >= 0 ? "+" : ""}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
  await site.startPortal(seconds === 0 ? {} : fake);
  if (seconds !== 0) inject(`the portal's clock ${seconds > 0 ? "ahead" : "behind"} by ${Math.abs(seconds)} s`);
}

async function slightlyWrong(given: Given, seconds: number): Promise<void> {
  await startAt(given, seconds);
  const session = await ready(given.api("alice"));
  expect(await (await openApp(given.api("alice"), session.id)).get()).toBe(200);
  await startAt(given, 0);
  expect((await given.api("alice").session(session.id)).state).toBe("ready");
}

async function veryWrong(given: Given, seconds: number): Promise<void> {
  const alice = given.api("alice");
  const before = await ready(alice);
  await startAt(given, seconds);
  try {
    const { error } = await until("the cluster is shown as unreachable", 60, async () => {
      const { items } = await alice.must<Answer<"clusters">>(paths.clusters());
      return items.find(({ up }) => !up);
    });
    expect(error).toContain("clock");
    expect((await alice.session(before.id)).state).toBe("ready");
  } finally {
    await startAt(given, 0);
  }
  await until("it is reached again", 60, async () => (await alice.session(before.id)).staleSince === null);
  expect((await alice.session(before.id)).state).toBe("ready");
}

fault("F21 the portal's clock is 50 s ahead, or 3 minutes behind: all works", { seconds: 240, ground }, (given) =>
  slightlyWrong(given, given.round % 2 === 1 ? 50 : -180),
);

fault(
  "F21 the portal's clock is 10 minutes off: a clear error, nothing ends, and it recovers",
  { seconds: 300, ground },
  (given) => veryWrong(given, given.round % 2 === 1 ? 600 : -600),
);
