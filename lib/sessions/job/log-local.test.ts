// The bounded log in a real job of the local engine, with the limits that ship.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { makeBed } from "@/lib/scheduler/local/test-bed";

const MIB = 2 ** 20;
const bed = makeBed();
afterAll(() => bed.close());

const bytesOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

it("holds five MiB at most of what an app prints for ever, and how the job ended", async () => {
  const content = (name: string) => new Uint8Array(readFileSync(join("lib/sessions/job", name)));
  const script = new TextEncoder().encode('#!/bin/bash\necho first words; exec yes "and the same again"\n');
  const files = [
    ...["job.sh", "place.sh", "door.py"].map((name) => ({ name, content: content(name) })),
    { name: "script.sh", content: script },
  ];
  const change = { files, script: "job.sh", environment: { BERTH_MINUTES: "10" } };
  const { id, spec, directory } = await bed.start("", change);
  const parts = ["log", "log.older", "log.tail"].map((name) => join(directory, name));
  const total = () => parts.reduce((sum, part) => sum + bytesOf(part), 0);
  await vi.waitFor(() => expect(bytesOf(join(directory, "log.older"))).toBe(2 * MIB), {
    timeout: 60_000,
    interval: 20,
  });
  expect(total()).toBeLessThanOrEqual(5 * MIB + 200);
  await bed.scheduler.control(spec.owner, id, { kind: "cancel" });
  await bed.until(id, (job) => job.state === "ended");
  expect(total()).toBeLessThanOrEqual(5 * MIB + 200);
  const text = parts.filter(existsSync).map((part) => readFileSync(part, "utf8"));
  expect(text[0]).toContain("first words");
  expect(text.join("")).toMatch(/ended: terminated\n$/);
});
