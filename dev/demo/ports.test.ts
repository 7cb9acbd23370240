// With real sockets and processes: who listens is asked of the kernel.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { holderOf, isFree, takenWords } from "./ports";
import { start, stop, untilAnswers } from "./processes";

/** A server of this very process that answers anything with 200. Its port. */
async function foreigner(): Promise<number> {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  // A server that listens on TCP has an address with a port.
  return (server.address() as AddressInfo).port;
}

function program(script: string) {
  const started = start({
    ...{ name: "The portal", args: ["-e", script], cwd: process.cwd(), env: {} },
    ...{ account: null, show: false },
  });
  onTestFinished(() => stop(started, 5));
  return started;
}

const serving = (port: number) =>
  `require("http").createServer((request, response) => response.end()).listen(${port}, "127.0.0.1")`;

/** One that nobody has: it was just given back. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("a port that somebody listens on is not free, and it is said who that is", async () => {
  const port = await foreigner();
  expect(await isFree(port)).toBe(false);
  expect(holderOf(port)).toMatchObject({ pid: process.pid });
  expect(takenWords(port)).toMatch(new RegExp(`^Port ${port} is taken by process ${process.pid} \\(.*node.*\\)\\.$`));
  expect(await isFree(await freePort())).toBe(true);
});

it("what listens on another address of this machine has another port", async () => {
  const port = await freePort();
  const elsewhere = createServer();
  await new Promise<void>((resolve) => elsewhere.listen(port, "127.0.0.2", resolve));
  onTestFinished(() => void elsewhere.close());
  expect([holderOf(port), await isFree(port)]).toEqual([null, true]);
});

it("an answer of another program is not taken for the portal's", async () => {
  const port = await foreigner();
  const portal = program("setInterval(() => {}, 1000)");
  const waiting = untilAnswers(portal, `http://127.0.0.1:${port}/`, 20);
  await expect(waiting).rejects.toThrow(`Port ${port} is taken by process ${process.pid} (`);
});

it("an answer of the portal itself is", async () => {
  const port = await freePort();
  await untilAnswers(program(serving(port)), `http://127.0.0.1:${port}/`, 20);
});

it("a portal that ends says why", async () => {
  const portal = program('console.error("data is in use by process 1"); process.exit(1)');
  const waiting = untilAnswers(portal, `http://127.0.0.1:${await freePort()}/`, 20);
  await expect(waiting).rejects.toThrow("The portal ended:\ndata is in use by process 1");
});
