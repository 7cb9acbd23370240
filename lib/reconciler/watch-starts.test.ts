import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import { useFakeCluster } from "@/dev/test-sessions";
import { cluster } from "@/lib/clusters/cluster";
import { stopWatches, type Watches, watched, watchStarts } from "@/lib/reconciler/watch-starts";
import { awaitConnection } from "@/lib/sessions/session-files";
import type { SessionRow } from "@/lib/sessions/store";

useFakeCluster();
const base = mkdtempSync(join(tmpdir(), "berth-watch-"));
const watches: Watches = new Map();
afterEach(() => stopWatches(watches));
afterAll(() => rmSync(base, { recursive: true }));

const now = new Date();
const secret = "0123456789abcdef".repeat(4);

/** A session whose job was just handed over. The rest of a row is of no concern here. */
function row(id: string, change: Partial<SessionRow> = {}): SessionRow {
  const directory = join(base, id);
  const known = { cluster: "hpc", unixAccount: "ann", state: "queued", jobId: "7", port: null, connectionId: null };
  return { id, directory, queuedAt: now, ...known, ...change } as SessionRow;
}

/** As the job does it: written beside, then renamed. */
function publish({ id }: SessionRow, start: string): void {
  mkdirSync(join(base, id), { recursive: true });
  writeFileSync(join(base, id, ".new"), JSON.stringify({ start, job: "7", port: 20_000, secret }));
  renameSync(join(base, id, ".new"), join(base, id, "connection"));
}

/** Watches `rows`; the answer comes when something was found. */
function watch(rows: SessionRow[], seconds = 10): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  watchStarts(rows, { watches, seconds, now, wake: resolve });
  return promise;
}

it("finds a connection that comes later, in a directory that comes later, with one program", async () => {
  const waiting = row("later");
  const { reach } = cluster("hpc");
  const really = reach.run;
  let programs = 0;
  reach.run = (argv, options) => {
    programs += 1;
    return really(argv, options);
  };
  const woken = watch([waiting]);
  expect(watched(watches, "later")).toBeNull();
  watchStarts([waiting], { watches, seconds: 10, now, wake: () => {} });
  publish(waiting, "00000000000000aa");
  await woken;
  reach.run = really;
  expect(watched(watches, "later")).toMatchObject({ start: "00000000000000aa", port: 20_000 });
  expect(programs).toBe(1);
});

it("waits for another connection than the one that is known", async () => {
  const again = row("again", { connectionId: "00000000000000aa" });
  publish(again, "00000000000000aa");
  expect(await awaitConnection(again, 1, new AbortController().signal)).toBeNull();
  publish(again, "00000000000000bb");
  expect((await awaitConnection(again, 1, new AbortController().signal))?.start).toBe("00000000000000bb");
});

it("stops its program when nobody needs it any more, and leaves none behind", async () => {
  const { reach } = cluster("hpc");
  const really = reach.run;
  let ended: Promise<unknown> = Promise.resolve();
  reach.run = (argv, options) => {
    const running = really(argv, options);
    ended = running.catch(() => "stopped");
    return running;
  };
  void watch([row("stopped")]);
  watchStarts([row("stopped", { state: "stopping" })], { watches, seconds: 10, now, wake: () => {} });
  reach.run = really;
  expect(await ended).toBe("stopped");
  expect(watches.size).toBe(0);
});

it.each([
  ["is ready", { state: "ready", port: 1 }],
  ["has waited long in the queue", { queuedAt: new Date(now.getTime() - 61_000) }],
  ["has no job yet", { state: "submitting", jobId: null }],
])("is not begun for a session that %s", (_what, change) => {
  void watch([row("none", change)]);
  expect(watches.size).toBe(0);
});

it("takes at most four channels of one person, and none where it is switched off", () => {
  const many = ["a", "b", "c", "d", "e", "f"].map((id) => row(id));
  void watch(many, 0);
  expect(watches.size).toBe(0);
  void watch([...many, row("g", { unixAccount: "ben" })]);
  expect([...watches.keys()]).toEqual(["a", "b", "c", "d", "g"]);
  expect(watched(watches, "e")).toBeUndefined();
  expect(readdirSync(base)).not.toContain("e");
});
