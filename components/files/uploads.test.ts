import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type * as Entries from "@/components/files/upload-entries";
import type * as Uploads from "@/components/files/uploads";

// A portal that takes uploads: what was asked of it, in order.
const asked: string[] = [];
const server = createServer(async (request, response) => {
  const metadata = String(request.headers["upload-metadata"] ?? "");
  const name = /(?:^|,)name ([^,]+)/.exec(metadata)?.[1];
  asked.push(`${request.method} ${name ? Buffer.from(name, "base64") : request.url}`);
  let bytes = 0;
  for await (const piece of request) bytes += piece.length;
  const headers = {
    "tus-resumable": "1.0.0",
    "upload-offset": String(bytes),
    location: `/api/uploads/${asked.length}`,
  };
  response.writeHead(request.method === "POST" ? 201 : 204, headers).end();
});

let uploads: typeof Uploads;
let uploadEntries: typeof Entries;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The server was asked for a port, so its address is one.
  const { port } = server.address() as AddressInfo;
  const nothing = () => {};
  const location = { href: `http://127.0.0.1:${port}/files` };
  vi.stubGlobal("window", { location, addEventListener: nothing, removeEventListener: nothing });
  uploads = await import("@/components/files/uploads");
  uploadEntries = await import("@/components/files/upload-entries");
});
beforeEach(() => {
  asked.length = 0;
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

const isDone = (id: number) => vi.waitFor(() => expect(uploadEntries.entries.get(id)?.view.state).toBe("done"));

it("an upload that is cancelled before it is prepared asks nothing of the portal", async () => {
  uploads.cancelUploads([add("cancelled")]);
  await isDone(add("kept"));
  expect(asked).toEqual(["POST kept", "PATCH /api/uploads/1"]);
});

it("an upload that is paused and goes on before it is prepared begins once", async () => {
  const id = add("once");
  uploads.pauseUploads([id]);
  uploads.resumeUploads([id]);
  await isDone(id);
  expect(asked).toEqual(["POST once", "PATCH /api/uploads/1"]);
});
