// Upgrades that are answered without a WebSocket, or not at all: Node's own limits no longer watch their sockets.
import { expect, it } from "vitest";
import { dial, exchange, startFront } from "@/dev/test-gateway";

const nothing = () => {};
const upgrade = [
  "GET /nothing HTTP/1.1",
  "Host: portal.test",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
].join("\r\n");

it("closes one that it refuses, also when the client does not", async () => {
  const front = await startFront(nothing);
  const socket = dial(front.port);
  socket.write(`${upgrade}\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) answer += chunk.toString("latin1");
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(socket.writable).toBe(true);
  const open = () => new Promise((done) => front.server.getConnections((_, count) => done(count)));
  await expect.poll(open, { timeout: 20_000 }).toBe(0);
});

it("cuts off one behind a request that is not answered yet", async () => {
  const front = await startFront(nothing, { pages: () => new Promise<void>(nothing) });
  const answer = await exchange(front.port, `GET /sign-in HTTP/1.1\r\nHost: portal.test\r\n\r\n${upgrade}\r\n\r\n`);
  expect(answer).toBe("");
});
