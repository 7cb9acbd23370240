// The socket of a terminal: GET /api/terminals/<id>/socket, upgraded. Who asks is known by cookie or token, from which page by
// the exact Origin, and that it is meant by the one-time ticket in the first message. After that bytes go both ways.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { actorFromRequest, bringsToken, stillValid } from "@/lib/auth/actor-from-request";
import { onLoginEnded } from "@/lib/auth/known-actors";
import { config } from "@/lib/config";
import { db, transaction } from "@/lib/db";
import { isPortalError } from "@/lib/errors";
import { bareAddressOf } from "@/lib/http/client-address";
import { asPortalError } from "@/lib/http/problem";
import { limitRate } from "@/lib/http/rate-limit";
import { log } from "@/lib/log";
import { type Live, type OpenTerminals, onEnded } from "@/lib/terminals/open-terminals";
import { isPassing, wasOpened } from "@/lib/terminals/rules";
import { closeCodes, type FromViewer, fromViewer, type ToViewer } from "@/lib/terminals/schema";
import { readTerminal, type TerminalRow } from "@/lib/terminals/store";
import type { Seat } from "@/lib/terminals/terminal";
import { redeemTerminalTicket } from "@/lib/terminals/tickets";

const FIRST_MESSAGE_MS = 10_000;
/** A viewer says something at least this often (it pings); a vanished phone is noticed after it. */
const SILENCE_MS = 60_000;
const CHECK_MS = 2_000;
/** Input of one message; browsers split what is pasted. */
const MOST_MESSAGE_BYTES = 128 * 1024;
/** What may wait for a viewer that does not read; far above the window that terminal.ts keeps to. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
const MOST_SOCKETS_PER_PERSON = 40;
const INPUT_HEADER_BYTES = 4;
/** So long a viewer that was sent away may take to say goodbye. */
const GOODBYE_MS = 1000;

type Attach = Extract<FromViewer, { type: "attach" }>;
type Socket = {
  ws: WebSocket;
  actor: PersonActor;
  heardAt: number;
  /** Gives up its seat, if it has one: from then on it types nothing. */
  leave: () => void;
};

export type TerminalSockets = {
  /** Answers an upgrade for `id`; `refuse` answers in HTTP. */
  upgrade: (
    upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer },
    id: string,
    refuse: (status: number, sentence: string) => void,
  ) => Promise<void>;
  /** Sends all viewers away, to come again where the portal is next, and takes no more. */
  cut: () => void;
  close: () => Promise<void>;
};

/** Sends a viewer away. What it sends while it does not answer the goodbye is for nobody. */
function sendAway({ ws, leave }: Socket, code: number, reason: string): void {
  leave();
  ws.removeAllListeners("message");
  ws.close(code, reason);
  setTimeout(() => ws.terminate(), GOODBYE_MS).unref();
}

function fits(request: IncomingMessage): boolean {
  // A script with a token has no page it could come from; a browser always says which it is.
  const { origin } = request.headers;
  return origin === undefined ? bringsToken(request) : origin === new URL(config().url).origin;
}

/** Null when nobody is known, "guesser" for an address that has tried too many tokens. */
async function whoAsks(request: IncomingMessage): Promise<PersonActor | "guesser" | null> {
  try {
    return await actorFromRequest(request, bareAddressOf(request, config().trustedProxies));
  } catch (error) {
    if (isPortalError(error) && error.code === "too_many") return "guesser";
    throw error;
  }
}

function parse(text: string): FromViewer | null {
  try {
    return fromViewer.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Resolves when it is on its way, or lost with its socket: a viewer that does not read is not waited for without end. */
function tell(ws: WebSocket, message: ToViewer): Promise<void> {
  if (ws.bufferedAmount > MOST_WAITING_BYTES) ws.terminate();
  return new Promise((done) => ws.send(JSON.stringify(message), () => done()));
}

/** The first message, or null when none came in time or it was something else. */
function firstMessage(ws: WebSocket): Promise<Attach | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), FIRST_MESSAGE_MS);
    ws.once("close", () => resolve(null));
    ws.once("message", (data, isBinary) => {
      clearTimeout(timer);
      const message = isBinary ? null : parse(String(data));
      resolve(message?.type === "attach" ? message : null);
    });
  });
}

async function audit(actor: PersonActor, id: string): Promise<void> {
  const subject = { kind: "terminal", id };
  await transaction((tx) => recordEvent(tx, { actor, action: "terminal.attach", subject, ownerId: actor.userId }));
}

function onBinary(socket: Socket, seat: Seat, data: Buffer): void {
  if (data.length <= INPUT_HEADER_BYTES) return;
  const isTaken = seat.type(data.readUInt32BE(0), data.subarray(INPUT_HEADER_BYTES));
  if (!isTaken) sendAway(socket, 1008, "Too much input waits");
}

function onText(socket: Socket, seat: Seat, text: string): void {
  const message = parse(text);
  if (message?.type === "drawn") seat.drawn(message.seq);
  else if (message?.type === "resize") seat.resize({ cols: message.cols, rows: message.rows });
  else if (message?.type === "ping") void tell(socket.ws, { type: "pong" });
  else sendAway(socket, 1008, "Not understood");
}

function takeSeat({ ws }: Socket, live: Live, first: Attach): Seat | null {
  const { viewer: id, after, epoch, cols, rows } = first;
  const send = (bytes: Uint8Array) => {
    if (ws.bufferedAmount > MOST_WAITING_BYTES) ws.terminate();
    else ws.send(bytes);
  };
  const viewer = { id, send, tell: (message: ToViewer) => tell(ws, message) };
  return live.terminal.attach(viewer, { epoch, after, size: { cols, rows } });
}

function join(socket: Socket, live: Live, seat: Seat): void {
  const { ws } = socket;
  const onEnd = (detail: string) => {
    // Without words it has not ended: tmux holds it, and the viewer comes back by itself.
    if (detail) void tell(ws, { type: "ended", detail });
    ws.close(detail ? closeCodes.ended : 1012, detail ? "Ended" : "Come again");
  };
  socket.leave = () => {
    live.onEnd.delete(onEnd);
    seat.leave();
  };
  onEnded(live, onEnd);
  ws.on("message", (data, isBinary) => {
    socket.heardAt = Date.now();
    // ws gives a Buffer unless told otherwise.
    if (isBinary) onBinary(socket, seat, data as Buffer);
    else onText(socket, seat, String(data));
  });
  ws.once("close", () => socket.leave());
}

function sayEnded(ws: WebSocket, { endDetail }: TerminalRow): void {
  if (ws.readyState !== ws.OPEN) return;
  void tell(ws, { type: "ended", detail: endDetail ?? "It has ended." });
  ws.close(closeCodes.ended, "Ended");
}

/** Null when there is none of the actor's; a database that does not answer is no such answer. */
async function readOwn({ userId }: PersonActor, id: string): Promise<TerminalRow | null> {
  try {
    return await readTerminal(db(), userId, id);
  } catch (error) {
    if (isPortalError(error) && error.code === "not_found") return null;
    throw error;
  }
}

/** Until its result is called: a shell may take longer to open than a viewer waits for an answer. */
function answerPings(socket: Socket): () => void {
  const { ws } = socket;
  const hear = (data: RawData, isBinary: boolean) => {
    socket.heardAt = Date.now();
    if (!isBinary && parse(String(data))?.type === "ping") void tell(ws, { type: "pong" });
  };
  ws.on("message", hear);
  return () => ws.off("message", hear);
}

async function serve(terminals: OpenTerminals, socket: Socket, id: string): Promise<void> {
  const { ws, actor } = socket;
  const first = await firstMessage(ws);
  if (!first) return ws.close(1008, "The first message must be attach");
  const stopAnswering = answerPings(socket);
  // The ticket is used up before anything is looked for, so that it cannot be tried on many ids.
  const isMeant = await redeemTerminalTicket(actor, id, first.ticket);
  const row = isMeant ? await readOwn(actor, id) : null;
  if (!row) return ws.close(closeCodes.notFound, "No such terminal, or the ticket is used up");
  if (row.state === "ended") return sayEnded(ws, row);
  const live = await terminals.open({ actor, row, size: { cols: first.cols, rows: first.rows } });
  await audit(actor, id);
  if (ws.readyState !== ws.OPEN) return;
  stopAnswering();
  const seat = takeSeat(socket, live, first);
  if (seat) join(socket, live, seat);
  else ws.close(closeCodes.tooMany, "Too many windows show this terminal");
}

async function failed({ ws, actor }: Socket, id: string, error: unknown): Promise<void> {
  const row = await readOwn(actor, id).catch(() => "unknown" as const);
  if (row !== "unknown" && row?.state === "ended") return sayEnded(ws, row);
  const fault = asPortalError(error);
  if (fault.code === "internal") log().error({ err: error }, "terminal.failed");
  if (ws.readyState !== ws.OPEN) return;
  const words = fault.words ? ` ${fault.words}` : "";
  const detail = fault.code === "internal" ? "The portal could not do this." : fault.message + words;
  // When the database is away nobody can say that it was never opened.
  const mayCome = isPassing(fault.code, row === "unknown" || (row !== null && wasOpened(row)));
  void tell(ws, { type: mayCome ? "wait" : "failed", detail });
  ws.close(mayCome ? 1013 : 1011, fault.code);
}

async function sweep(sockets: Set<Socket>, silenceMs: number): Promise<void> {
  const now = Date.now();
  await Promise.all(
    [...sockets].map(async (socket) => {
      const { ws, actor, heardAt } = socket;
      if (now - heardAt > silenceMs) return ws.terminate();
      // A database that does not answer is no reason to cut anybody.
      if (ws.readyState !== ws.OPEN || (await stillValid(actor).catch(() => true))) return;
      sendAway(socket, closeCodes.loginEnded, "Your login has ended");
    }),
  );
}

/** Serves the sockets of `terminals`. Tests wait for a shorter silence than a minute. */
export function terminalSockets(terminals: OpenTerminals, { silenceMs = SILENCE_MS } = {}): TerminalSockets {
  const sockets = new Set<Socket>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const check = () => void sweep(sockets, silenceMs);
  const timer = setInterval(check, CHECK_MS).unref();
  const unlisten = onLoginEnded(check);

  const begin = (ws: WebSocket, actor: PersonActor, id: string) => {
    const socket: Socket = { ws, actor, heardAt: Date.now(), leave: () => {} };
    sockets.add(socket);
    ws.once("close", () => sockets.delete(socket));
    ws.on("error", () => ws.terminate());
    serve(terminals, socket, id).catch((error) => failed(socket, id, error));
  };

  let isCut = false;
  const cut = () => {
    isCut = true;
    for (const socket of sockets) sendAway(socket, 1012, "The portal restarts");
  };

  return {
    async upgrade({ request, socket, head }, id, refuse) {
      if (!fits(request)) return refuse(403, "This request did not come from the portal's own pages.");
      const actor = await whoAsks(request);
      if (actor === "guesser") return refuse(429, "Too many tokens were tried from your address. Wait a minute.");
      if (!actor) return refuse(401, "Your login has ended, or this token is not valid.");
      if (!actor.scopes.includes("terminals:write")) return refuse(403, "This token lacks the scope terminals:write.");
      const open = [...sockets].filter((each) => each.actor.userId === actor.userId).length;
      const isTooOften = await limitRate("terminal-socket", actor.userId, 120).then(
        () => false,
        () => true,
      );
      if (isTooOften || open >= MOST_SOCKETS_PER_PERSON) return refuse(429, "Too many terminal windows. Close some.");
      if (isCut) return refuse(503, "The portal restarts. Try again in a moment.");
      server.handleUpgrade(request, socket, head, (ws) => begin(ws, actor, id));
    },
    cut,
    async close() {
      clearInterval(timer);
      unlisten();
      cut();
      await terminals.close();
    },
  };
}
