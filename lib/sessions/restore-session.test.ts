// After the database was restored from an older backup: jobs of ours that no row knows become sessions again.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { clusterConfig } from "@/lib/config";
import { db } from "@/lib/db";
import { newMemory, type TickMemory, tick } from "@/lib/reconciler/tick";
import { SENTINELS } from "@/lib/scheduler/fake";
import { seal, unseal } from "@/lib/seal";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
const { scheduler } = useFakeCluster();
const directory = mkdtempSync(join(tmpdir(), "berth-restore-"));
const { control } = scheduler;
let cancelled: string[] = [];
beforeAll(() => {
  clusterConfig("hpc").sessionPath = directory;
});
afterEach(() => {
  cancelled = [];
});
afterAll(() => rmSync(directory, { recursive: true }));
scheduler.control = (owner, id, action) => {
  cancelled.push(id);
  return control(owner, id, action);
};

const find = (id: string) => db().session.findUnique({ where: { id } });
async function look(memory: TickMemory = newMemory()): Promise<void> {
  // Without a session the queue is asked once a minute only.
  memory.askedAt = Number.NEGATIVE_INFINITY;
  await tick("hpc", memory);
  await Promise.all(memory.working.values());
}

/** A session that waits in the queue, with its record where the job's files are, and then without a row. */
async function forgotten(name: string, change: (record: Record<string, unknown>) => object = (it) => it) {
  const actor = await person(name);
  const wish = request({ name: "My work", cpus: 3, minutes: 45, partition: SENTINELS.neverStarts });
  const made = await createSession(actor, wish, `key-${name}`);
  const spec = scheduler.fake.taken.find(({ tag }) => tag === tagOf(made.id));
  const file = spec?.files.find((one) => one.name === "record");
  const record = change(JSON.parse(unseal(new TextDecoder().decode(file?.content), "session record")));
  mkdirSync(join(directory, made.id));
  writeFileSync(join(directory, made.id, "record"), seal(JSON.stringify(record), "session record"));
  const before = await db().session.delete({ where: { id: made.id } });
  return { actor, made, before, wish };
}

it("a job of ours becomes the session that it was, with the same answer for the same key", async () => {
  const { actor, made, before, wish } = await forgotten("ann");
  await look();
  const kept = ["id", "ownerId", "request", "requestHash", "name", "template", "templateVersion", "cluster"] as const;
  const also = ["unixAccount", "nodes", "cpus", "memoryGiB", "gpus", "jobId", "directory", "scratch"] as const;
  const after = await find(made.id);
  for (const name of [...kept, ...also]) expect(after?.[name], name).toEqual(before[name]);
  expect(await getSession(actor, made.id)).toMatchObject({ state: "queued", name: "My work" });
  expect((await createSession(actor, wish, "key-ann")).id).toBe(made.id);
  expect(await db().event.count({ where: { action: "session.restored", subjectId: made.id } })).toBe(1);
  await look();
  expect(cancelled).toEqual([]);
});

it("a key that was used again meanwhile keeps its newer session", async () => {
  const { actor, made, wish } = await forgotten("bea");
  const newer = await createSession(actor, wish, "key-bea");
  await look();
  expect((await find(made.id))?.idempotencyKey).not.toBe("key-bea");
  expect((await createSession(actor, wish, "key-bea")).id).toBe(newer.id);
});

it.each([
  ["another portal's", "cleo", (record: object) => ({ ...record, instance: "0000ffff" })],
  ["one whose record makes no sense", "dina", () => ({ id: "x" })],
  ["one whose record is another session's", "eva", (record: object) => ({ ...record, id: "a000000000000000" })],
])("%s is left alone, and asked about once", async (_what, name, change) => {
  const { made } = await forgotten(name, change);
  const memory = newMemory();
  await look(memory);
  expect(await find(made.id)).toBeNull();
  rmSync(join(directory, made.id), { recursive: true });
  await look(memory);
  expect(memory.leftAlone.get(`${tagOf(made.id)} ${name}`)?.why).not.toBe("not asked");
  expect(cancelled).toEqual([]);
});

it("a record that the person wrote themselves, of a job that the portal never judged, is not believed", async () => {
  let whole = {};
  const { made } = await forgotten("flo", (record) => {
    whole = { ...record, request: { ...request(), minutes: 525_600, cpus: 100_000 } };
    return whole;
  });
  writeFileSync(join(directory, made.id, "record"), JSON.stringify(whole));
  await look();
  expect(await find(made.id)).toBeNull();
});

it("a record that is a link to somewhere else is not believed", async () => {
  const { made } = await forgotten("fay");
  const real = join(directory, "elsewhere");
  writeFileSync(real, JSON.stringify({}));
  rmSync(join(directory, made.id, "record"));
  symlinkSync(real, join(directory, made.id, "record"));
  await look();
  expect(await find(made.id)).toBeNull();
});

it("a job of somebody unknown is left alone until that person has the account", async () => {
  const { made } = await forgotten("gus");
  const account = await db().unixAccount.delete({ where: { holder: "hpc/gus" } });
  const memory = newMemory();
  await look(memory);
  expect(await find(made.id)).toBeNull();
  await db().unixAccount.create({ data: account });
  await look(memory);
  expect(await find(made.id)).toBeNull();
  const told = memory.leftAlone.get(`${tagOf(made.id)} gus`);
  expect(told).toMatchObject({ why: "of a person the portal does not know" });
  if (told) told.untilMs = performance.now();
  await look(memory);
  expect(await find(made.id)).not.toBeNull();
});

it("somebody else's job with the name of a forgotten one neither becomes the session nor hides it", async () => {
  const { made } = await forgotten("hana");
  await person("mallory");
  await createSession(await person("mallory"), request({ partition: SENTINELS.neverStarts }), "own");
  const spec = scheduler.fake.taken.find(({ tag }) => tag === tagOf(made.id));
  if (spec) await scheduler.submit({ ...spec, owner: "mallory" });
  await look();
  expect(await find(made.id)).toMatchObject({ unixAccount: "hana", jobId: made.jobId });
});
