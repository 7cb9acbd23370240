import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { operate, trashIds, untrashable } from "@/components/files/operations";
import { giveUp, isBusyHere } from "@/components/files/stay-here";
import type { FileAction } from "@/lib/files/schema";

const asked: Partial<Record<string, unknown>>[] = [];
// A portal that does what it is asked, as far as its answer says.
const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  const { items }: { items: string[] } = JSON.parse(body);
  asked.push({ items: items.length });
  const lines = items.map((path) => ({ kind: "done", path, to: `/home/${path}` }));
  response.end(
    [...lines, { kind: "end", done: items.length, failed: 0 }].map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The server was asked for a port, so its address is one.
  const { port } = server.address() as AddressInfo;
  const nothing = () => {};
  vi.stubGlobal("window", { addEventListener: nothing, removeEventListener: nothing });
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => real(`http://127.0.0.1:${port}${path}`, init));
});
afterAll(() => {
  vi.unstubAllGlobals();
  server.close();
});

it("a tab that is given up asks for no further portion, and its end is not asked about", async () => {
  const items = Array.from({ length: 2500 }, (_, at) => `${at}`);
  const ending = operate({ action: "restore", cluster: "hpc", items });
  giveUp();
  expect(isBusyHere()).toBe(false);
  expect(await ending).toMatchObject({ state: "cancelled" });
  asked.length = 0;
});

it("more things than the API takes at once are put back in portions", async () => {
  const items = Array.from({ length: 2500 }, (_, at) => `${at}`);
  const wish: FileAction = { action: "restore", cluster: "hpc", items };
  const { state, done } = await operate(wish);
  expect([state, done.length]).toEqual(["done", 2500]);
  expect(asked).toEqual([{ items: 1000 }, { items: 1000 }, { items: 500 }]);
});

it("what went to the trash is known by the folder that it is in there", () => {
  const done = [
    { path: "/home/a", to: "/home/.berth/trash/17-ab-0/item" },
    { path: "/home/b", to: null },
  ];
  expect(trashIds(done)).toEqual(["17-ab-0"]);
});

it("what the trash could not take can be deleted for good, and nothing else", () => {
  const failure = (path: string, code: string) => ({ path, code, detail: "", words: null });
  const failures = [failure("/a", "denied"), failure("/b", "forbidden")];
  const deletion = (permanent: boolean): FileAction => {
    return { action: "delete", cluster: "hpc", paths: ["/a", "/b"], permanent };
  };
  expect(untrashable({ action: deletion(false), state: "done", failures })).toEqual([failures[0]]);
  expect(untrashable({ action: deletion(false), state: "running", failures })).toEqual([]);
  expect(untrashable({ action: deletion(true), state: "done", failures })).toEqual([]);
});
