// Reading and following a log of several parts (job.sh), with whatever bytes are in it.
import { mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { look, person, request, useFakeCluster } from "@/dev/test-sessions";
import type { PersonActor } from "@/lib/actor";
import { db, listen } from "@/lib/db";
import { createSession } from "@/lib/sessions/create-session";
import { readLog } from "@/lib/sessions/read-log";

useDatabase();
useFakeCluster();
let alice: PersonActor;
let id = "";
const directory = mkdtempSync(join(tmpdir(), "berth-long-log-"));
const file = (name: string) => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeAll(async () => {
  alice = await person("alice");
  id = (await createSession(alice, request(), "long")).id;
  await db().session.update({ where: { id }, data: { state: "ready", directory } });
});

beforeEach(() => {
  for (const part of ["log", "log.older", "log.tail"]) rmSync(file(part), { force: true });
});

const read = async (lines: number) => {
  forgetOnce("session-logs");
  return readLog(alice, id, lines);
};

it("ends with the newest part, and begins with what its end is", async () => {
  writeFileSync(file("log"), "one\ntwo\n");
  expect((await read(10)).text).toBe("one\ntwo");
  writeFileSync(file("log.tail"), "five\nsix\n");
  expect((await read(3)).text).toBe("two\nfive\nsix");
  renameSync(file("log.tail"), file("log.older"));
  writeFileSync(file("log.tail"), "seven\n");
  expect(await read(3)).toMatchObject({ text: "five\nsix\nseven", truncated: true });
});

it("is told to be the end of one when as much is left as is kept", async () => {
  const kept = (count: number) => ({ cleanedAt: new Date(), logTail: "line\n".repeat(count).trimEnd() });
  for (const [count, truncated] of [
    [49, false],
    [50, true],
  ] as const) {
    await db().session.update({ where: { id }, data: kept(count) });
    expect(await read(200)).toMatchObject({ truncated, final: true });
  }
  await db().session.update({ where: { id }, data: { cleanedAt: null, logTail: null } });
});

it.each([
  // Bytes of a line, and what is kept of 200 such lines.
  [1500, { lines: 50, bytes: 50 * 1500 - 1 }],
  [5000, { lines: 27, bytes: 131_072 }],
])("keeps as many lines of %i bytes as it says, or says that it cut them short", async (size, kept) => {
  const made = await createSession(alice, request(), `long-lines-${size}`);
  const line = (number: number) => `${number} ${"x".repeat(size)}`.slice(0, size - 1);
  const lines = Array.from({ length: 200 }, (_, number) => line(number));
  writeFileSync(file("log"), `${lines.join("\n")}\n`);
  const data = { state: "ended", endReason: "finished", endedAt: new Date(), directory };
  await db().session.update({ where: { id: made.id }, data });
  await look(async () => (await db().session.findUniqueOrThrow({ where: { id: made.id } })).cleanedAt !== null);
  const { text, truncated } = await readLog(alice, made.id, 200);
  expect([text.split("\n").length, Buffer.byteLength(text), truncated]).toEqual([kept.lines, kept.bytes, true]);
  expect(lines.join("\n").endsWith(text)).toBe(true);
});

it("is read in bounded memory: a line of a gigabyte, and bytes that are no text", async () => {
  writeFileSync(file("log.tail"), "");
  truncateSync(file("log.tail"), 2 ** 30);
  const { text, truncated } = await read(2000);
  expect([Buffer.byteLength(text), truncated]).toEqual([262_144, true]);
  writeFileSync(file("log.tail"), Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x80]));
  expect((await read(1)).text).toContain("\ufffd\ufffd\0\u001b\ufffd");
});

it("leads nowhere else: a link is not followed", async () => {
  writeFileSync(file("other"), "of somebody else");
  symlinkSync(file("other"), file("log.tail"));
  expect((await read(100)).text).toBe("");
});

it("is told to grow also when a part became another one of the same length", async () => {
  const told: string[] = [];
  const unlisten = await listen((change) => void (change.kind === "log" && told.push(change.id)));
  writeFileSync(file("log.tail"), "a".repeat(1000));
  await read(1);
  // Two looks apart: the first only learns how long it is.
  await expect
    .poll(
      () => {
        writeFileSync(file("next"), "b".repeat(1000));
        renameSync(file("log.tail"), file("log.older"));
        renameSync(file("next"), file("log.tail"));
        return told.length;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBeGreaterThan(1);
  await unlisten();
});
