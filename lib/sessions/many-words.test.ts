// What a person's own shell says of a session may be any amount of anything: little of it is kept.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { createSession } from "@/lib/sessions/create-session";
import { readLog } from "@/lib/sessions/read-log";

useDatabase();
const { scheduler } = useFakeCluster();
const really = scheduler.submit;
const directory = mkdtempSync(join(tmpdir(), "berth-many-words-"));
afterEach(() => {
  scheduler.submit = really;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it.each(["rejected", "unknown"] as const)(
  "a launch that is %s keeps the beginning of what was said",
  async (outcome) => {
    const words = `No.\n${"\u0001".repeat(2 ** 22)}`;
    scheduler.submit = async () => ({ outcome, words });
    const { id } = await createSession(await person("ann"), request(), outcome);
    const row = await db().session.findUniqueOrThrow({ where: { id } });
    expect(row.endWords?.startsWith("No.\n")).toBe(true);
    expect(row.endWords?.length).toBeLessThanOrEqual(10_000);
    const events = await db().event.findMany({ where: { subjectId: id } });
    expect(events.map(({ action }) => action)).toContain(`session.${outcome}`);
    expect(JSON.stringify(events.map(({ data }) => data)).length).toBeLessThan(100_000);
  },
);

it("a log is no longer than it was asked for, whatever `tail` is in that shell", async () => {
  const ann = await person("ann");
  const { id } = await createSession(ann, request(), "log");
  await db().session.update({ where: { id }, data: { state: "ready", directory } });
  writeFileSync(join(directory, "log"), "end\n");
  const tail = (bytes: number) => {
    forgetOnce("session-logs");
    writeFileSync(join(directory, "tail"), `#!/bin/sh\nhead -c ${bytes} /dev/zero\n`);
    chmodSync(join(directory, "tail"), 0o755);
    return readLog(ann, id, 10);
  };
  const { reach } = cluster("hpc");
  const { run } = reach;
  reach.run = (argv, options) => run(["env", `PATH=${directory}:/usr/bin:/bin`, ...argv], options);
  expect((await tail(300_000)).text).toHaveLength(262_144);
  await expect(tail(8_000_000)).rejects.toMatchObject({ code: "cluster" });
});
