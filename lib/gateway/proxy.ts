// One HTTP request to a session's app and its answer, streamed both ways at the pace of the slower side. The request
// target is sent on byte for byte; which headers cross is decided in header-rules.ts.
import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  headersForApp,
  headersFromApp,
  type RawHeaders,
  type TowardsApp,
  trailersAcross,
} from "@/lib/gateway/header-rules";
import { passInterim } from "@/lib/gateway/interim-answers";

export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  agent: Agent;
  towards: TowardsApp;
  /** The app could not be reached, and nothing has been answered yet. */
  onUnreachable: (error: Error) => void;
};

const maxAnswerHeadBytes = 64 * 1024;
/** An app that ignores `Expect: 100-continue` gets the body after this (RFC 9110 section 10.1.1). */
const continueMs = 1000;

const isChunked = (request: IncomingMessage): boolean => request.headers["transfer-encoding"] !== undefined;
const hasBody = (request: IncomingMessage): boolean =>
  isChunked(request) || Number(request.headers["content-length"] ?? 0) > 0;

/** In a request of HTTP/1.0 it is to be ignored (RFC 9110 section 10.1.1), and nothing could be told before the answer. */
const waitsToBeAsked = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.expect !== undefined && httpVersion === "1.1";

/** The body's framing, stated anew: the same length, or chunks again (also for DELETE and OPTIONS). */
function framing(request: IncomingMessage): RawHeaders {
  if (isChunked(request)) return ["Transfer-Encoding", "chunked"];
  const length = request.headers["content-length"];
  if (length !== undefined) return ["Content-Length", length];
  return /^(POST|PUT|PATCH)$/.test(request.method ?? "") ? ["Content-Length", "0"] : [];
}

function thisHop(request: IncomingMessage): RawHeaders {
  const trailers = /(^|,)\s*trailers\s*(,|$)/i.test(String(request.headers.te ?? ""));
  return [
    ...framing(request),
    ...(waitsToBeAsked(request) ? ["Expect", "100-continue"] : []),
    ...(trailers ? ["TE", "trailers", "Connection", "TE"] : []),
  ];
}

function sendBody({ request }: Exchange, upstream: ClientRequest): void {
  request.pipe(upstream, { end: false });
  request.once("end", () => {
    const trailers = trailersAcross(request.rawTrailers);
    if (trailers.length > 0) upstream.addTrailers(trailers);
    upstream.end();
  });
}

/** Holds the body back until the app asks for it, and passes its request for it on. */
function sendBodyWhenAsked(exchange: Exchange, upstream: ClientRequest): void {
  const { response } = exchange;
  const go = () => {
    clearTimeout(timer);
    upstream.off("continue", go);
    upstream.off("response", stay);
    response.writeContinue();
    sendBody(exchange, upstream);
  };
  const stay = () => clearTimeout(timer);
  const timer = setTimeout(go, continueMs);
  upstream.once("continue", go);
  upstream.once("response", stay);
  upstream.once("close", stay);
}

function answer({ request, response, towards }: Exchange, answered: IncomingMessage): void {
  const headers = headersFromApp(answered.rawHeaders, towards);
  // The rest of a body that the app did not wait for would be taken for the next request.
  if (!request.complete) headers.push("Connection", "close");
  response.writeHead(answered.statusCode ?? 502, answered.statusMessage, headers);
  // In one piece with the body's beginning where that is here already; an event stream's head must not wait for it.
  setImmediate(() => response.flushHeaders());
  answered.pipe(response, { end: false });
  answered.once("end", () => {
    const trailers = trailersAcross(answered.rawTrailers);
    if (trailers.length > 0) response.addTrailers(trailers);
    response.end();
  });
  // An answer that breaks off must break off for the browser too, not look complete.
  answered.on("error", () => response.destroy());
  answered.once("close", () => {
    if (!answered.complete) response.destroy();
  });
}

function passInformation({ response }: Exchange, upstream: ClientRequest): void {
  let nth = 0;
  upstream.on("information", ({ statusCode, rawHeaders }) => {
    nth += 1;
    try {
      passInterim(response, { status: statusCode, headers: rawHeaders }, nth);
    } catch (error) {
      // Thrown as one.
      upstream.destroy(error as Error);
    }
  });
}

/** What an app answers can make Node throw, and nobody would catch that where its events are told. */
function takeAnswer(exchange: Exchange, upstream: ClientRequest): void {
  const refuse = (error: Error) => {
    if (exchange.response.headersSent) exchange.response.destroy();
    else exchange.onUnreachable(error);
  };
  upstream.once("response", (answered) => {
    try {
      answer(exchange, answered);
    } catch (error) {
      answered.destroy();
      // Node's checks throw errors.
      refuse(error as Error);
    }
  });
  upstream.once("upgrade", (_answered, socket) => {
    socket.destroy();
    refuse(new Error("The app changed to another protocol, which nobody asked for."));
  });
}

/** The app may have closed an idle connection just as we used it; only what has no effect twice is sent again. */
function mayRepeat(request: IncomingMessage, upstream: ClientRequest, error: NodeJS.ErrnoException): boolean {
  const closed = error.code === "ECONNRESET" || error.code === "EPIPE";
  return upstream.reusedSocket && closed && !hasBody(request) && /^(GET|HEAD|OPTIONS)$/.test(request.method ?? "");
}

/** Passes one request to the app and its answer back. */
export function forwardRequest(exchange: Exchange): void {
  const { request, response, agent, towards } = exchange;
  const upstream = httpRequest({
    agent,
    method: request.method,
    path: request.url,
    headers: headersForApp(request.rawHeaders, { ...towards, extra: thisHop(request) }),
    setHost: false,
    maxHeaderSize: maxAnswerHeadBytes,
  });
  const cancel = () => upstream.destroy();
  response.once("close", cancel);
  passInformation(exchange, upstream);
  takeAnswer(exchange, upstream);
  upstream.on("error", (error: NodeJS.ErrnoException) => {
    // Once it answers, the answer's own end tells whether it was whole.
    if (response.headersSent || response.destroyed) return;
    response.off("close", cancel);
    if (mayRepeat(request, upstream, error)) forwardRequest(exchange);
    else exchange.onUnreachable(error);
  });
  if (waitsToBeAsked(request)) sendBodyWhenAsked(exchange, upstream);
  else if (hasBody(request)) sendBody(exchange, upstream);
  else upstream.end();
}
