import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { giveUp, isBusyHere } from "@/components/files/stay-here";
import type * as Entries from "@/components/files/upload-entries";
import type * as Uploads from "@/components/files/uploads";

// A portal that takes uploads: what was asked of it, in order. `faults` are answers other than that it was done, taken in turn.
const asked: string[] = [];
const faults = new Map<string, number[]>();
/** What the browser's storage has of earlier uploads. */
const remembered = new Map<string, string>();
const server = createServer(async (request, response) => {
  const metadata = String(request.headers["upload-metadata"] ?? "");
  const name = /(?:^|,)name ([^,]+)/.exec(metadata)?.[1];
  const wish = `${request.method} ${name ? Buffer.from(name, "base64") : request.url}`;
  asked.push(wish);
  let bytes = 0;
  for await (const piece of request) bytes += piece.length;
  const headers = {
    "tus-resumable": "1.0.0",
    "upload-offset": String(bytes),
    location: `/api/uploads/${asked.length}`,
  };
  const fault = faults.get(wish)?.shift();
  if (fault)
    response.writeHead(fault).end(JSON.stringify({ code: fault === 429 ? "too_many" : "conflict", detail: "" }));
  else response.writeHead(request.method === "POST" && name ? 201 : 204, headers).end();
});

let uploads: typeof Uploads;
let uploadEntries: typeof Entries;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The server was asked for a port, so its address is one.
  const { port } = server.address() as AddressInfo;
  const nothing = () => {};
  const location = { href: `http://127.0.0.1:${port}/files` };
  const localStorage = {
    get length() {
      return remembered.size;
    },
    key: (at: number) => [...remembered.keys()][at] ?? null,
    getItem: (key: string) => remembered.get(key) ?? null,
  };
  vi.stubGlobal("window", { location, localStorage, addEventListener: nothing, removeEventListener: nothing });
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => real(new URL(path, location.href), init));
  uploads = await import("@/components/files/uploads");
  uploadEntries = await import("@/components/files/upload-entries");
});
beforeEach(() => {
  asked.length = 0;
  faults.clear();
  remembered.clear();
  uploads.cancelUploads();
});
afterAll(() => {
  vi.unstubAllGlobals();
  server.close();
});

/** Takes on a file too large to go with others. The library takes buffers where there is no browser. */
function add(name: string): number {
  const bytes = Buffer.alloc(2 * 1024 ** 2);
  const file = Object.assign(bytes, { name, size: bytes.length, lastModified: 0 }) as unknown as File;
  uploads.addUploads([{ file, folders: [] }], { cluster: "hpc", folder: "/home", overwrite: false });
  return [...uploadEntries.entries.keys()].at(-1) ?? 0;
}

const stateOf = (id: number) => uploadEntries.entries.get(id)?.view.state;
const is = (id: number, state: string) => expect.poll(() => stateOf(id)).toBe(state);

it("an upload that is cancelled before it is prepared asks nothing of the portal", async () => {
  uploads.cancelUploads([add("cancelled")]);
  await is(add("kept"), "done");
  expect(asked).toEqual(["POST kept", "PATCH /api/uploads/1"]);
});

it("a tab that is given up uploads nothing more, and its end is not asked about", () => {
  const ids = ["one", "two"].map(add);
  expect(isBusyHere()).toBe(true);
  giveUp();
  expect(isBusyHere()).toBe(false);
  expect(ids.map(stateOf)).toEqual([undefined, undefined]);
});

it("a browser that keeps nothing uploads as well", async () => {
  const { localStorage } = window;
  try {
    Object.assign(window, { localStorage: null });
    await is(add("a"), "done");
  } finally {
    Object.assign(window, { localStorage });
  }
});

it("an upload that is paused and goes on before it is prepared begins once", async () => {
  const id = add("once");
  uploads.pauseUploads([id]);
  uploads.resumeUploads([id]);
  await is(id, "done");
  expect(asked).toEqual(["POST once", "PATCH /api/uploads/1"]);
});

it("files that are there are replaced a few at a time", async () => {
  const names = Array.from({ length: 9 }, (_, at) => `taken${at}`);
  for (const name of names) faults.set(`POST ${name}`, [409]);
  const ids = names.map(add);
  for (const id of ids) await is(id, "exists");
  uploads.replaceExisting(ids);
  expect(ids.map(stateOf).filter((state) => state === "running")).toHaveLength(4);
  for (const id of ids) await is(id, "done");
});

it("a portal that is asked too much is asked again, also for the name of a file that is all there", async () => {
  const url = "/api/uploads/1";
  faults.set(`PATCH ${url}`, [409]).set(`HEAD ${url}`, [409, 409]).set(`POST ${url}/finish`, [429]);
  const id = add("held");
  await is(id, "exists");
  uploads.replaceExisting([id]);
  await is(id, "offline");
  uploads.resumeUploads([id]);
  await is(id, "done");
  const again = [`HEAD ${url}`, `POST ${url}/finish`];
  expect(asked).toEqual(["POST held", `PATCH ${url}`, ...again, ...again]);
});

it("an upload is known by what the portal calls it, not by its name", async () => {
  const [one, two] = [add("same"), add("same")];
  for (const id of [one, two]) await is(id, "done");
  const called = [one, two].map((id) => uploadEntries.entries.get(id)?.view.uploadId);
  expect(called.toSorted()).toEqual(asked.flatMap((wish) => /^PATCH .*\/(.+)$/.exec(wish)?.[1] ?? []).toSorted());
  expect(new Set(called).size).toBe(2);
});

it("an upload that waits to be gone on with is known by what the portal calls it", () => {
  const key = `tus::berth hpc /home left ${2 * 1024 ** 2} 0::1`;
  remembered.set(key, JSON.stringify({ uploadUrl: "http://portal/api/uploads/abc" }));
  const ids = ["a", "b", "c", "d", "left"].map(add);
  expect(ids.map((id) => uploadEntries.entries.get(id)?.view.uploadId)).toEqual([null, null, null, null, "abc"]);
  expect(stateOf(ids[4] ?? 0)).toBe("waiting");
});
