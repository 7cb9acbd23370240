import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { useHome } from "@/dev/test-home";
import { person, useFakeCluster } from "@/dev/test-sessions";
import type { PersonActor } from "@/lib/actor";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { encodePath } from "@/lib/files/rules";
import { sweepUploads } from "@/lib/files/sweep-uploads";

useDatabase();
useFakeCluster();

const DAY_MS = 86_400_000;
const now = new Date();
const home = useHome();
let alice: PersonActor;
beforeAll(async () => {
  alice = await person("alice");
});
beforeEach(() => db().upload.deleteMany());
afterEach(() => vi.restoreAllMocks());

/** Uploads to which nothing came for `days`. Ids begin with `first`, which is where they come in a round. */
async function abandoned(first: string, { unixAccount = "alice", count = 1, days = 8 } = {}): Promise<void> {
  const lastActivityAt = new Date(now.getTime() - days * DAY_MS);
  const row = {
    ownerId: alice.userId,
    cluster: "hpc",
    unixAccount,
    folder: encodePath(Buffer.from(home())),
    name: "a",
  };
  const id = (at: number) => first + String(at).padStart(32 - first.length, "0");
  const data = Array.from({ length: count }, (_, at) => ({
    ...{ ...row, id: id(at), size: 3n, overwrite: false, createdAt: lastActivityAt, lastActivityAt },
  }));
  await db().upload.createMany({ data });
  if (unixAccount === "alice") for (const { id } of data) writeFileSync(join(home(), `.berth-upload-${id}`), "x");
}

/** On whose behalf the cluster was asked; `answers` throws where there is no answer. */
function asking(answers: (user: string, script: string) => void): string[] {
  const asked: string[] = [];
  const { reach } = cluster("hpc");
  const { run } = reach;
  vi.spyOn(reach, "run").mockImplementation(async (argv, options) => {
    asked.push(options.user);
    answers(options.user, argv.join(" "));
    return run(argv, options);
  });
  return asked;
}

const refuseLeaver = (user: string) => {
  if (user === "leaver") throw new PortalError("cluster", "Not let in.", { accountRefused: true });
};
const left = () => db().upload.count();

it("a leaver's uploads, which cannot be removed, keep nobody else's", async () => {
  await abandoned("0", { unixAccount: "leaver", count: 501 });
  await abandoned("f");
  const asked = asking(refuseLeaver);
  await sweepUploads("hpc", now);
  expect(asked).toEqual(["leaver", "alice"]);
  expect(readdirSync(home())).toEqual([]);
  expect(await left()).toBe(501);
});

it("what could not be removed for a week more is not tried for ever", async () => {
  await abandoned("0", { unixAccount: "leaver", days: 15, count: 2 });
  await abandoned("1", { unixAccount: "leaver", days: 13 });
  asking(refuseLeaver);
  await sweepUploads("hpc", now);
  expect(await left()).toBe(1);
});

it("a cluster that is away is not asked about each of them", async () => {
  await abandoned("0", { count: 30, days: 20 });
  const asked = asking(() => {
    throw new PortalError("cluster", "It is away.");
  });
  await sweepUploads("hpc", now);
  expect(asked.length).toBeLessThan(15);
  expect(await left()).toBe(30);
  vi.restoreAllMocks();
  await sweepUploads("hpc", now);
  expect(await left()).toBe(0);
  expect(readdirSync(home())).toEqual([]);
});
