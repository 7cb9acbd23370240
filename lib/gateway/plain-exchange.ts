// The quick way for what most requests are: GET and HEAD without a body. The request is one write, the answer is passed on as
// it comes, with back-pressure, and node:http's client is not needed; docs/performance.md says what that is worth. What is
// not plain is left to forwardRequest in proxy.ts: the request here has no effect twice.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type AnswerHead, readAnswerHead } from "@/lib/gateway/answer-head";
import { type ChunkedBody, chunkedBody } from "@/lib/gateway/chunked-body";
import {
  headersForApp,
  headersFromApp,
  type RawHeaders,
  type TowardsApp,
  trailersAcross,
} from "@/lib/gateway/header-rules";
import { passInterim } from "@/lib/gateway/interim-answers";
import type { KeptConnection, KeptConnections, Taker } from "@/lib/gateway/kept-connections";

export type PlainExchange = {
  request: IncomingMessage;
  response: ServerResponse;
  kept: KeptConnections;
  towards: TowardsApp;
  /** Nothing has been answered, and the app's answer is none that is understood here. */
  onOdd: () => void;
  onUnreachable: (error: Error) => void;
};

const maxAnswerHeadBytes = 64 * 1024;
/** Small bodies go out in one write with their head. */
const smallBytes = 16 * 1024;
const endOfHead = Buffer.from("\r\n\r\n");
const nothing = Buffer.alloc(0);

/** True for a request that may go this way. */
export function isPlain({ method, headers }: IncomingMessage, { secretHeader }: TowardsApp): boolean {
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  const isReading = method === "GET" || method === "HEAD";
  const isOneLine = !/[\r\n\0]/.test(`${secretHeader?.name}${secretHeader?.value}`);
  return isReading && isOneLine && !hasBody && headers.expect === undefined && headers.te === undefined;
}

function requestText({ request, towards }: PlainExchange): string {
  const headers = headersForApp(request.rawHeaders, { ...towards, extra: ["Connection", "keep-alive"] });
  let text = `${request.method} ${request.url} HTTP/1.1\r\n`;
  for (let index = 0; index + 1 < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}

type Passing = {
  exchange: PlainExchange;
  /** Null before there is one, and when it is no longer ours. */
  connection: KeptConnection | null;
  head: AnswerHead | null;
  /** Interim answers so far. */
  interim: number;
  /** Bytes of a head that is not complete. */
  begun: Buffer;
  left: number;
  chunks: ChunkedBody | null;
  /** The browser's connection has more before it than it likes. */
  isFull: boolean;
  /** Memory of the bytes at hand was given to the response. */
  isGiven: boolean;
};

/** The connection, which from now on tells us nothing. */
function letGo(passing: Passing): KeptConnection | null {
  const { connection } = passing;
  if (connection) connection.taker = null;
  passing.connection = null;
  return connection;
}

const endConnection = (passing: Passing): void => void letGo(passing)?.stream.destroy();

/** What came is no answer. */
function refuse(passing: Passing, error: Error): void {
  const { response, onUnreachable } = passing.exchange;
  endConnection(passing);
  if (response.headersSent || response.destroyed) response.destroy();
  else onUnreachable(error);
}

/** The connection broke. */
function fail(passing: Passing, error: Error): void {
  const { exchange, connection, head, begun, interim } = passing;
  const isSilent = !head && begun.length === 0 && interim === 0;
  // The app may have closed an idle connection just as we used it.
  if (isSilent && connection?.isFresh === false && !exchange.response.destroyed) {
    endConnection(passing);
    forwardPlain(exchange);
  } else refuse(passing, error);
}

function finish(passing: Passing, rest: Buffer): void {
  const { exchange, head, chunks } = passing;
  const connection = letGo(passing);
  passing.isFull = false;
  const seconds = head?.keptSeconds ?? null;
  // Bytes that nobody asked for: nothing on this connection can be trusted to answer the next request.
  if (seconds === null || rest.length > 0) connection?.stream.destroy();
  else if (connection) exchange.kept.keep(connection, seconds);
  const trailers = trailersAcross(chunks?.trailers ?? []);
  if (trailers.length > 0) exchange.response.addTrailers(trailers);
  if (!exchange.response.writableEnded) exchange.response.end();
}

function write(passing: Passing, data: Buffer): void {
  passing.isFull = !passing.exchange.response.write(data);
  passing.isGiven = true;
}

function takeLength(passing: Passing, bytes: Buffer): void {
  const body = bytes.length > passing.left ? bytes.subarray(0, passing.left) : bytes;
  passing.left -= body.length;
  if (passing.left > 0) {
    write(passing, body);
    return;
  }
  const { response } = passing.exchange;
  // A text of one byte a character is joined with the head, which saves a system call.
  if (body.length <= smallBytes) response.end(body.toString("latin1"), "latin1");
  else {
    passing.isGiven = true;
    response.end(body);
  }
  finish(passing, bytes.subarray(body.length));
}

function takeBody(passing: Passing, bytes: Buffer): void {
  const { head, chunks } = passing;
  if (head?.bodyEnd.by === "close") write(passing, bytes);
  else if (chunks) {
    const rest = chunks.take(bytes, (data) => write(passing, data));
    if (rest) finish(passing, rest);
  } else takeLength(passing, bytes);
}

function answer(passing: Passing, head: AnswerHead, rest: Buffer): void {
  const { request, response, towards } = passing.exchange;
  passing.head = head;
  const headers: RawHeaders = headersFromApp(head.headers, towards);
  if (!request.complete) headers.push("Connection", "close");
  response.writeHead(head.status, head.reason, headers);
  const { bodyEnd } = head;
  if (bodyEnd.by === "chunks") passing.chunks = chunkedBody();
  if (bodyEnd.by === "length") passing.left = bodyEnd.bytes;
  if (bodyEnd.by === "nothing" || (bodyEnd.by === "length" && bodyEnd.bytes === 0)) finish(passing, rest);
  else if (rest.length > 0) takeBody(passing, rest);
  // An event stream's head must not wait for its first event.
  else response.flushHeaders();
}

function takeHead(passing: Passing, bytes: Buffer): void {
  const all = passing.begun.length > 0 ? Buffer.concat([passing.begun, bytes]) : bytes;
  const end = all.indexOf(endOfHead);
  const { exchange } = passing;
  const head = end < 0 ? null : readAnswerHead(all.toString("latin1", 0, end), exchange.request.method === "HEAD");
  if (end > maxAnswerHeadBytes || (end < 0 ? all.length > maxAnswerHeadBytes : !head)) {
    endConnection(passing);
    exchange.onOdd();
  } else if (!head) passing.begun = Buffer.from(all);
  else onHead(passing, head, all.subarray(end + endOfHead.length));
}

function onHead(passing: Passing, head: AnswerHead, rest: Buffer): void {
  if (head.status >= 200) {
    answer(passing, head, rest);
    return;
  }
  passing.interim += 1;
  passInterim(passing.exchange.response, head, passing.interim);
  passing.begun = nothing;
  if (rest.length > 0) takeHead(passing, rest);
}

function onEnd(passing: Passing): void {
  if (passing.head?.bodyEnd.by === "close") finish(passing, nothing);
  else fail(passing, new Error("The app ended the connection before its answer was complete."));
}

/** True when the kernel has every byte that was given to the response: Node holds none of their memory. */
function isSent(passing: Passing, socket: Socket | null): boolean {
  const { connection } = passing;
  if (connection?.isLent === false) {
    if (passing.isFull) holdBack(passing);
    return true;
  }
  // Node gathers what is written until the end of this turn; the next read may come before that.
  socket?.uncork();
  if (socket?.writableLength === 0) return true;
  if (passing.isFull) holdBack(passing);
  return false;
}

/** Reads no more from the app until the browser has taken what there is. */
function holdBack(passing: Passing): void {
  const { connection, exchange } = passing;
  if (!connection || connection.stream.isPaused()) return;
  connection.stream.pause();
  exchange.response.once("drain", () => passing.connection === connection && connection.stream.resume());
}

function takerOf(passing: Passing): Taker {
  const { response } = passing.exchange;
  return {
    onData: (bytes) => {
      // Before it is taken away together with the answer's end.
      const { socket } = response;
      passing.isGiven = false;
      try {
        if (passing.head) takeBody(passing, bytes);
        else takeHead(passing, bytes);
      } catch (error) {
        // What our parsers and Node's own checks throw are errors.
        refuse(passing, error as Error);
      }
      return !passing.isGiven || isSent(passing, socket);
    },
    onEnd: () => onEnd(passing),
    onError: (error) => fail(passing, error),
    onceGone: (leave) => void response.once("close", leave),
  };
}

function begin(passing: Passing, connection: KeptConnection | null): void {
  if (!connection) return;
  const { exchange } = passing;
  const { response } = exchange;
  if (response.destroyed) return void exchange.kept.keep(connection, 1);
  passing.connection = connection;
  response.once("close", () => endConnection(passing));
  connection.stream.write(requestText(exchange), "latin1");
}

/** Passes one plain request to the app and its answer back. */
export function forwardPlain(exchange: PlainExchange): void {
  const passing: Passing = {
    exchange,
    connection: null,
    head: null,
    interim: 0,
    begun: nothing,
    left: 0,
    chunks: null,
    isFull: false,
    isGiven: false,
  };
  exchange.kept.take(takerOf(passing)).then((connection) => begin(passing, connection), exchange.onUnreachable);
}
