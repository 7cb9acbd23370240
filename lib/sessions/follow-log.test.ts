// Logs are live: whoever reads one hears that it has grown, from what was read on.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { look, person, request, useFakeCluster } from "@/dev/test-sessions";
import { db, listen } from "@/lib/db";
import { createSession } from "@/lib/sessions/create-session";
import { readLog } from "@/lib/sessions/read-log";

useDatabase();
useFakeCluster();

it("a reader is told of a line that is printed right after the log was read, though nothing follows it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-log-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "log"), "one\n");
  const vera = await person("vera");
  const { id } = await createSession(vera, request(), "live-log");
  await look(async () => (await db().session.findUniqueOrThrow({ where: { id } })).startedAt !== null);
  await db().session.update({ where: { id }, data: { directory } });
  const heard: string[] = [];
  onTestFinished(await listen((change) => void (change.kind === "log" && heard.push(change.id))));
  expect((await readLog(vera, id, 10)).text).toBe("one");
  appendFileSync(join(directory, "log"), "waiting for a licence\n");
  await expect.poll(() => heard).toContain(id);
});
