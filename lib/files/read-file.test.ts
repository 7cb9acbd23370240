import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunStream } from "@/lib/clusters/run";
import type { FilePlace } from "@/lib/files/place";
import { openFile } from "@/lib/files/read-file";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A cluster where a login takes so long, and then the file as long again. */
function slow({ loginMs, fileMs }: { loginMs: number; fileMs: number }): FilePlace {
  const runStream: RunStream = async (_argv, { signal }) => {
    await after(loginMs);
    signal?.throwIfAborted();
    const stdout = new Readable({ read: () => undefined, signal });
    const exit = after(fileMs).then(() => {
      stdout.push("7-5-1.5 644 8180\0/home/alice/x\0yes\0hello");
      stdout.push(null);
      return { code: 0, stderr: new Uint8Array() };
    });
    return { stdout, exit };
  };
  // Nothing else of a way to a cluster is used here.
  return { cluster: "hpc", user: "alice", roots: [], reach: { runStream } as unknown as FilePlace["reach"] };
}

const open = (place: FilePlace) =>
  openFile(place, { path: "/home/alice/x", range: null, signal: new AbortController().signal });

it("a file opens however long the login before it takes", async () => {
  const opening = open(slow({ loginMs: 12_000, fileMs: 100 }));
  opening.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(12_100);
  expect((await opening).facts).toMatchObject({ path: "/home/alice/x", size: 5 });
});

it("a file that does not open once one is logged in is given up, and that is said", async () => {
  const opening = open(slow({ loginMs: 100, fileMs: 60_000 }));
  opening.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_100);
  await expect(opening).rejects.toMatchObject({ code: "cluster_timeout" });
});
