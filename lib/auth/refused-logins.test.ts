// Who is not let in by the login nodes: said to the person, and tried seldom, since each try counts against the portal's address.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { oneCluster, useConfig } from "@/dev/test-portal";
import type { PersonActor } from "@/lib/actor";
import { unixAccountFor } from "@/lib/auth/unix-account";
import type { Run } from "@/lib/clusters/run";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";

let cluster = "";
let names = 0;

useDatabase();

beforeAll(() => useConfig({}));
beforeEach(() => {
  names += 1;
  cluster = `strict-${names}`;
  forgetOnce("auth.refused");
  useConfig({
    branding: { support: "the help desk" },
    clusters: [{ ...oneCluster, name: cluster, title: "Big Iron" }],
  });
});

/** Somebody whose account is called newcomer. */
const person = async (subject: string): Promise<PersonActor> =>
  (await signInPerson(`${subject}${names}`, { preferred_username: "newcomer" })).actor;
const newcomer = () => person("newcomer");

const accountOf = (actor: PersonActor, run: Run, again = false) => unixAccountFor(actor, cluster, { run, again });

/** A cluster with the account newcomer, whose login nodes refuse `refused`, all but the service account where none are named. */
function refusing(...refused: string[]) {
  const isRefused = (user: string) => (refused.length > 0 ? refused.includes(user) : user !== "berth-poll");
  return vi.fn<Run>(async (_argv, { user }) => {
    if (isRefused(user)) throw new PortalError("cluster", `Login node refused ${user}`, { accountRefused: true });
    return { code: 0, stdout: Buffer.from("1009\n"), stderr: Buffer.alloc(0) };
  });
}

const triesOf = (run: ReturnType<typeof refusing>, user: string) =>
  run.mock.calls.filter(([, options]) => options.user === user).length;

describe("an account that the login nodes do not let in", () => {
  const later = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("is said to be one: whoever is let in would be told of its uid by the service account", async () => {
    const answer = await accountOf(await newcomer(), refusing());
    expect(answer).toEqual({
      missing: "You cannot use Big Iron yet: its login nodes do not let the account newcomer in. Ask the help desk.",
    });
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(0);
  });

  it("is no person's fault where the service account is refused as well, as by a clock or an authority", async () => {
    const run = refusing("newcomer", "berth-poll");
    for (let asked = 0; asked < 10; asked += 1) {
      await expect(accountOf(await newcomer(), run)).rejects.toThrow("Login node refused newcomer");
    }
    expect([triesOf(run, "newcomer"), triesOf(run, "berth-poll")]).toEqual([1, 1]);
  });

  it("is let in without the service account, which nobody need admit", async () => {
    expect(await accountOf(await newcomer(), refusing("berth-poll"))).toEqual({ account: "newcomer" });
  });

  it("is tried once, however often and by however many it is asked for", async () => {
    const run = refusing();
    const actor = await newcomer();
    await Promise.all([1, 2, 3, 4, 5].map(() => accountOf(actor, run)));
    for (let asked = 0; asked < 5; asked += 1) await accountOf(actor, run);
    await accountOf(await person("namesake"), run);
    expect(triesOf(run, "newcomer")).toBe(1);
  });

  it("is tried again after 5, 10, 20 ... 300 s, and fixed once it is let in", async () => {
    const actor = await newcomer();
    const run = refusing();
    await accountOf(actor, run);
    for (const seconds of [5, 10, 20, 40, 80, 160, 300, 300]) {
      const before = triesOf(run, "newcomer");
      later(seconds - 1);
      await accountOf(actor, run);
      expect(triesOf(run, "newcomer")).toBe(before);
      later(1);
      await accountOf(actor, run);
      expect(triesOf(run, "newcomer")).toBe(before + 1);
    }
    const open = refusing("nobody-else");
    expect(await accountOf(actor, open)).toHaveProperty("missing");
    later(300);
    expect(await accountOf(actor, open)).toEqual({ account: "newcomer" });
  });

  it("is tried again every ten seconds where the person themselves asks for it", async () => {
    const actor = await newcomer();
    const run = refusing();
    for (const seconds of [0, 5, 10, 20]) {
      later(seconds);
      await accountOf(actor, run);
    }
    expect(triesOf(run, "newcomer")).toBe(4);
    later(9);
    await accountOf(actor, run, true);
    expect(triesOf(run, "newcomer")).toBe(4);
    later(1);
    await accountOf(actor, run);
    expect(triesOf(run, "newcomer")).toBe(4);
    expect(await accountOf(actor, refusing("nobody-else"), true)).toEqual({ account: "newcomer" });
  });
});
