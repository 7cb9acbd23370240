// The socket over real TCP and a real database, with shells that are made up: what a viewer hears when there is none to be
// had, and what becomes of one that vanished.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { WebSocket as RawSocket } from "ws";
import { useDatabase } from "@/dev/test-database";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { freePort, serveTerminals, socketUrl, type TerminalServer, view } from "@/dev/test-terminals";
import { isOpen } from "@/dev/test-viewer";
import { endLogin } from "@/lib/auth/end-login";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import type { OpenTerminals } from "@/lib/terminals/open-terminals";
import { terminalSockets } from "@/lib/terminals/serve-terminal";
import { type OpenTerminal, openTerminal } from "@/lib/terminals/terminal";
import { issueTerminalTicket } from "@/lib/terminals/tickets";

useDatabase();

const silenceMs = 400;
let person: TestPerson;
let server: TerminalServer;
let shell: OpenTerminal;
let typed = "";
/** Why nothing opens now. */
let fault: PortalError | null = null;
/** The words of its end, where it has just ended. */
let over: string | undefined;
/** What a shell waits for before it opens. */
let login = Promise.resolve();

function newShell(): OpenTerminal {
  const gone = new Promise<never>(() => {});
  const write = async (bytes: Uint8Array) => {
    typed += Buffer.from(bytes).toString();
  };
  const channel = { output: new PassThrough(), write, resize: () => {}, gone, hangUp: () => {} };
  const size = { cols: 80, rows: 24 };
  return openTerminal({ channel, size, scrollback: 100, epoch: "e", onActivity: () => {} });
}

const terminals: OpenTerminals = {
  open: async ({ row }) => {
    if (fault) throw fault;
    await login;
    return { row, terminal: shell, onEnd: new Set(), ...(over ? { over } : {}) };
  },
  count: () => 1,
  close: async () => {},
};

beforeAll(async () => {
  const port = await freePort();
  useConfig({ url: `http://localhost:${port}` });
  person = await signInPerson("alice");
  server = await serveTerminals(port, { terminals, silenceMs });
});
afterAll(() => server.stop());
beforeEach(() => {
  shell = newShell();
  typed = "";
  fault = null;
  over = undefined;
  login = Promise.resolve();
});

const neverOpened = { state: "open", heldBy: null };
const openedBefore = { state: "open", heldBy: "tmux" };

async function insertTerminal(what: { state: string; heldBy: string | null }, who = person): Promise<string> {
  const id = randomBytes(16).toString("hex");
  const place = { cluster: "cluster", unixAccount: "alice", name: "A" };
  await db().terminal.create({ data: { id, ownerId: who.actor.userId, ...place, ...what } });
  return id;
}

const away = "The login node does not answer.";

it.each([
  ["another process holds it", "locked", openedBefore],
  ["another process is opening it for the first time", "locked", neverOpened],
  ["the cluster of an open one is away", "cluster", openedBefore],
  ["the cluster of an open one is slow", "cluster_timeout", openedBefore],
  ["certificates are not to be had for an open one", "unavailable", openedBefore],
] as const)("lets a viewer wait, say why, and come back by itself while %s", async (_why, code, row) => {
  fault = new PortalError(code, away);
  const viewer = view({ server, person, id: await insertTerminal(row) });
  await expect.poll(viewer.status, { interval: 5 }).toMatchObject({ kind: "waiting", detail: away });
  fault = null;
  await isOpen(viewer);
  viewer.close();
});

it.each([
  ["cluster", "The cluster cannot be reached:", "no route", `The cluster cannot be reached: no route`],
  ["unavailable", away, undefined, away],
  ["conflict", "The session's job does not run any more.", undefined, "The session's job does not run any more."],
] as const)(
  "says at once why one does not open for the first time (%s), and tries again when it is told to",
  async (code, message, words, detail) => {
    fault = new PortalError(code, message, { words });
    const viewer = view({ server, person, id: await insertTerminal(neverOpened) });
    await expect.poll(viewer.status).toEqual({ kind: "refused", reason: "failed", detail });
    // Typed to nobody; it would surprise in a shell that opens later.
    viewer.type("lost");
    fault = null;
    viewer.link.retry();
    await isOpen(viewer);
    viewer.type("kept");
    await expect.poll(() => typed).toBe("kept");
    viewer.close();
  },
);

it("says its end to a viewer whom a shell that has just ended was opened for", async () => {
  over = "The shell has ended with exit code 1.";
  const viewer = view({ server, person, id: await insertTerminal(neverOpened) });
  await expect.poll(viewer.status).toEqual({ kind: "ended", detail: over });
  await expect.poll(() => shell.viewers()).toBe(0);
});

/** A viewer whose process stops in the middle: it takes nothing from its socket, answers nothing and closes nothing. */
async function attachRaw(id: string, { who = person, at = server as { port: number } } = {}): Promise<RawSocket> {
  const { ticket } = await issueTerminalTicket(who.actor, id);
  const headers = { origin: config().url, cookie: who.cookie };
  const socket = new RawSocket(socketUrl(at.port, id), { headers });
  socket.on("error", () => {});
  const attach = { type: "attach", ticket, viewer: "0".repeat(32), after: null, epoch: null, cols: 80, rows: 24 };
  socket.once("open", () => socket.send(JSON.stringify(attach)));
  return socket;
}

it("gives the place of a viewer that fell silent to others, and keeps one that speaks", async () => {
  const id = await insertTerminal(openedBefore);
  const [silent, alive] = [await attachRaw(id), await attachRaw(id)];
  const speaking = setInterval(() => {
    if (alive.readyState === alive.OPEN) alive.send('{"type":"ping"}');
  }, silenceMs / 8);
  await expect.poll(() => shell.viewers()).toBe(2);
  silent.pause();
  await expect.poll(() => shell.viewers()).toBe(1);
  expect(alive.readyState).toBe(alive.OPEN);
  clearInterval(speaking);
  await expect.poll(() => shell.viewers()).toBe(0);
  silent.terminate();
});

it("answers while a shell takes long to open, and keeps the place of a viewer that asks", async () => {
  const slow = Promise.withResolvers<void>();
  login = slow.promise;
  const id = await insertTerminal(neverOpened);
  const [silent, alive] = [await attachRaw(id), await attachRaw(id)];
  const heard: string[] = [];
  alive.on("message", (data) => heard.push(String(data)));
  const speaking = setInterval(() => {
    if (alive.readyState === alive.OPEN) alive.send('{"type":"ping"}');
  }, silenceMs / 8);
  await once(silent, "close");
  expect(alive.readyState).toBe(alive.OPEN);
  expect(heard[0]).toBe('{"type":"pong"}');
  slow.resolve();
  await expect.poll(() => shell.viewers()).toBe(1);
  clearInterval(speaking);
  alive.terminate();
});

function typedPiece(number: number, text: string): Buffer {
  const piece = Buffer.alloc(4 + text.length);
  piece.writeUInt32BE(number);
  piece.write(text, 4);
  return piece;
}

it("takes nothing more from a viewer whose login has ended, though it never answers the goodbye, and cuts it soon", async () => {
  const bob = await signInPerson("bob");
  const hostile = await attachRaw(await insertTerminal(openedBefore, bob), { who: bob });
  await expect.poll(() => shell.viewers()).toBe(1);
  hostile.send(typedPiece(1, "before"));
  await expect.poll(() => typed).toBe("before");
  // It hears nothing from here on, and only talks.
  hostile.pause();
  let number = 1;
  const talking = setInterval(() => {
    number += 1;
    hostile.send(typedPiece(number, "after"), () => {});
  }, 10);
  const cut = new Promise((done) => hostile.once("close", done));
  await expect.poll(() => typed.length).toBeGreaterThan("before".length);
  await endLogin(bob.actor.via, "signed-out");
  await expect.poll(() => shell.viewers(), { interval: 5 }).toBe(0);
  const heard = typed;
  await cut;
  clearInterval(talking);
  expect(typed).toBe(heard);
});

it("sends viewers away at once when the portal stops, so that nothing waits for them, and takes no more", async () => {
  const id = await insertTerminal(openedBefore);
  const sockets = terminalSockets(terminals);
  const refuse = (socket: Duplex) => (status: number) => void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
  const http = createServer().on("upgrade", (request, socket, head) => {
    void sockets.upgrade({ request, socket, head }, id, refuse(socket));
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  // A listening TCP server has an address with a port.
  const at = { port: (http.address() as AddressInfo).port };
  const [polite, silent] = [await attachRaw(id, { at }), await attachRaw(id, { at })];
  await expect.poll(() => shell.viewers()).toBe(2);
  silent.pause();
  const heard = once(polite, "close");
  sockets.cut();
  const late = await attachRaw(id, { at });
  expect(String((await once(late, "error"))[0])).toContain("503");
  const stopped = new Promise((done) => http.close(done));
  expect(shell.viewers()).toBe(0);
  expect((await heard)[0]).toBe(1012);
  await stopped;
  silent.terminate();
  await sockets.close();
});
