// Directories of sessions that ended long ago, on a real file system.
import { existsSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";
import { sweepDirectories } from "@/lib/reconciler/sweep-directories";
import { createSession } from "@/lib/sessions/create-session";
import { getSession } from "@/lib/sessions/list-sessions";
import { removeLeftovers } from "@/lib/sessions/session-files";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
useFakeCluster();
const base = mkdtempSync(join(tmpdir(), "berth-sweep-"));
afterAll(() => rmSync(base, { recursive: true }));

const day = 86_400_000;
const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });

/** A session that was cleaned up so many days ago; its directory holds a link to a file that is not its own. */
async function old(name: string, days: number) {
  const actor = await person(name);
  const { id } = await createSession(actor, request(), name);
  const directory = join(base, id);
  const precious = join(base, `precious-${name}`);
  mkdirSync(join(directory, "home-runtime"), { recursive: true });
  mkdirSync(precious);
  writeFileSync(join(precious, "thesis"), "x");
  symlinkSync(precious, join(directory, "link"));
  writeFileSync(join(directory, "tag"), tagOf(id));
  const ended = { state: "ended", endReason: "finished", endedAt: new Date(), logTail: "the end", directory };
  await db().session.update({ where: { id }, data: { ...ended, cleanedAt: new Date(Date.now() - days * day) } });
  return { actor, id, directory, thesis: join(precious, "thesis") };
}

it("go after fourteen days, with nothing that they link to; the log's end stays", async () => {
  const gone = await old("ann", 14.1);
  const kept = await old("ben", 13.9);
  await sweepDirectories("hpc", new Date());
  expect(existsSync(gone.directory)).toBe(false);
  expect(existsSync(gone.thesis)).toBe(true);
  expect(existsSync(kept.directory)).toBe(true);
  expect(await rowOf(gone.id)).toMatchObject({ directory: null, logTail: "the end" });
  expect((await getSession(gone.actor, gone.id)).directory).toBeNull();
  expect((await rowOf(kept.id)).directory).toBe(kept.directory);
});

it("that are gone already are done", async () => {
  const { id, directory } = await old("cid", 20);
  rmSync(directory, { recursive: true });
  await sweepDirectories("hpc", new Date());
  expect((await rowOf(id)).directory).toBeNull();
});

it.each([
  [
    "a link",
    "dee",
    (directory: string) => {
      rmSync(directory, { recursive: true });
      symlinkSync(join(base, "precious-dee"), directory);
    },
  ],
  ["another session's", "eve", (directory: string) => writeFileSync(join(directory, "tag"), tagOf("a000000000000000"))],
  ["without a tag", "fin", (directory: string) => rmSync(join(directory, "tag"))],
])("that are %s stay, and are not tried again the same day", async (_what, name, spoil) => {
  const { id, directory, thesis } = await old(name, 20);
  spoil(directory);
  await sweepDirectories("hpc", new Date());
  expect(existsSync(directory)).toBe(true);
  expect(existsSync(thesis)).toBe(true);
  const { cleanTries, nextCleanAt } = await rowOf(id);
  expect(cleanTries).toBe(1);
  await sweepDirectories("hpc", new Date());
  expect((await rowOf(id)).cleanTries).toBe(1);
  await sweepDirectories("hpc", new Date((nextCleanAt?.getTime() ?? 0) + 1));
  expect((await rowOf(id)).cleanTries).toBe(2);
});

it("that a row names wrongly are not touched", async () => {
  const { id } = await old("gus", 20);
  await db().session.update({ where: { id }, data: { directory: join(base, "precious-gus") } });
  writeFileSync(join(base, "precious-gus", "tag"), tagOf(id));
  await sweepDirectories("hpc", new Date());
  expect(existsSync(join(base, "precious-gus", "thesis"))).toBe(true);
});

it("scratch goes with its session, but not what somebody else made there first: cleaning is over all the same", async () => {
  const { id } = await old("gil", 0);
  const scratch = join(base, `berth-${id}`);
  const row = { ...(await rowOf(id)), scratch };
  mkdirSync(scratch);
  await removeLeftovers(row);
  expect(existsSync(scratch)).toBe(false);
  mkdirSync(scratch);
  lchownSync(scratch, 65_534, 65_534);
  await removeLeftovers(row);
  rmSync(scratch, { recursive: true });
  const { thesis } = await old("hal", 0);
  symlinkSync(dirname(thesis), scratch);
  lchownSync(scratch, 65_534, 65_534);
  await removeLeftovers(row);
  expect([existsSync(thesis), existsSync(scratch)]).toEqual([true, true]);
});
