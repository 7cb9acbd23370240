import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { cutSlowBody } from "@/lib/gateway/slow-body";

const waitMs = 400;
let server: Server;
let client: Socket;

afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

const takeAll = (request: IncomingMessage) => void request.resume();

/** Sends a body to `path`, so many bytes every 30 ms, until it is cut or `total` bytes went out; `take` reads it. */
async function send(
  path: string,
  [bytes, total]: [number, number],
  take = takeAll,
): Promise<{ outcome: "whole" | "cut"; ms: number }> {
  server = createServer((request, response) => {
    cutSlowBody(request, response, waitMs);
    request.on("error", () => {}).once("end", () => response.end("whole"));
    take(request);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A listening TCP server has an address with a port.
  client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const startedAt = performance.now();
  client.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${total}\r\n\r\n`);
  let sent = 0;
  const timer = setInterval(() => {
    const part = Math.min(bytes, total - sent);
    sent += part;
    if (part > 0) client.write(Buffer.alloc(part));
  }, 30);
  client.on("error", () => {});
  const outcome = await Promise.race([
    new Promise<"whole">((resolve) => client.once("data", () => resolve("whole"))),
    // A reset is an end like any other; once() of node:events would take it for a failure.
    new Promise<"cut">((resolve) => client.once("close", () => resolve("cut"))),
  ]);
  clearInterval(timer);
  return { outcome, ms: performance.now() - startedAt };
}

it("lets an upload that moves take as long as it takes", async () => {
  const { outcome, ms } = await send("/api/uploads/x", [32 * 1024, 2 * 1024 * 1024]);
  expect(outcome).toBe("whole");
  expect(ms).toBeGreaterThan(3 * waitMs);
});

it("lets an upload wait that is not read for a while", async () => {
  const { outcome } = await send("/api/uploads/x", [1024 * 1024, 8 * 1024 * 1024], (request) => {
    // What the kernel takes in the meantime is far less than all: the client waits.
    setTimeout(() => request.resume(), 5 * waitMs);
  });
  expect(outcome).toBe("whole");
});

it.each([
  ["an upload that trickles", "/api/uploads?x", 10, 1024 * 1024],
  ["a body that is kept in memory, however fast it comes", "/api/sessions", 32 * 1024, 1024 * 1024],
  ["what only looks like an upload", "/api/uploadsx", 32 * 1024, 1024 * 1024],
])("cuts %s", async (_what, path, bytes, total) => {
  expect((await send(path, [bytes, total])).outcome).toBe("cut");
});
