// What an ended session left on storage that is not mounted just now: neither called gone nor waited for for ever.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { look, person, request, useFakeCluster } from "@/dev/test-sessions";
import { db } from "@/lib/db";
import { createSession } from "@/lib/sessions/create-session";
import { removeLeftovers } from "@/lib/sessions/session-files";

useDatabase();
const { scheduler } = useFakeCluster();

const rowOf = (id: string) => db().session.findUniqueOrThrow({ where: { id } });

const started = async (id: string) => (await rowOf(id)).startedAt !== null;

describe("what an ended session left on storage that is away", () => {
  const base = mkdtempSync(join(tmpdir(), "berth-away-"));
  afterAll(() => rmSync(base, { recursive: true }));

  /** A session that ran and whose storage is gone from its place just before the end. */
  async function endedUnseen(name: string, unmount: (kept: { home: string; scratches: string }) => string) {
    const [home, scratches] = [join(base, name, "home"), join(base, name, "scratch")];
    const { id, jobId } = await createSession(await person(name), request(), `away-${name}`);
    const [directory, scratch] = [join(home, id), join(scratches, `berth-${id}`)];
    mkdirSync(directory, { recursive: true });
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(directory, "secret"), "x");
    writeFileSync(join(directory, "log"), "one\nthe end\n");
    await look(() => started(id));
    await db().session.update({ where: { id }, data: { directory, scratch } });
    const gone = unmount({ home, scratches });
    renameSync(gone, `${gone}.away`);
    scheduler.fake.end(jobId ?? "", { end: "finished" });
    await look(async () => (await rowOf(id)).cleanTries > 0 || (await rowOf(id)).cleanedAt !== null);
    return { id, directory, scratch, comeBack: () => renameSync(`${gone}.away`, gone) };
  }

  it.each([
    ["home", "hal", ({ home }: { home: string }) => home],
    ["scratch", "sam", ({ scratches }: { scratches: string }) => scratches],
  ])("is removed once it is back, and the log is kept: %s", async (_what, name, unmount) => {
    const { id, directory, scratch, comeBack } = await endedUnseen(name, unmount);
    expect((await rowOf(id)).cleanedAt).toBeNull();
    comeBack();
    await look(async () => (await rowOf(id)).cleanedAt !== null);
    expect((await rowOf(id)).logTail).toBe("one\nthe end");
    expect([existsSync(join(directory, "secret")), existsSync(scratch)]).toEqual([false, false]);
  });

  it("is not asked for for ever", async () => {
    const { id, comeBack } = await endedUnseen("ned", ({ home }) => home);
    await db().session.update({ where: { id }, data: { cleanTries: 1000, nextCleanAt: null } });
    await look(async () => (await rowOf(id)).cleanedAt !== null);
    comeBack();
    expect(await rowOf(id)).toMatchObject({ cleanTries: 0, nextCleanAt: null, logTail: null });
  });

  it("is not waited for where its job never started, or said that it removed its scratch", async () => {
    const { id } = await createSession(await person("ora"), request(), "never-started");
    const row = { ...(await rowOf(id)), startedAt: null, directory: join(base, "no", id), scratch: null };
    await removeLeftovers(row);
    const directory = join(base, id);
    mkdirSync(directory);
    writeFileSync(join(directory, "ended"), "finished 0\n");
    await removeLeftovers({
      ...row,
      startedAt: new Date(),
      directory,
      scratch: join(base, "of-a-node", `berth-${id}`),
    });
  });
});
