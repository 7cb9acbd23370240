// Interim answers (1xx) of an app, in which only a 103's links mean something to a browser. They are written whether or not it
// reads, so a few are all that pass.
import type { ServerResponse } from "node:http";
import type { RawHeaders } from "@/lib/gateway/header-rules";

/** A server that says 102 every few seconds of a long request is still good. */
const mostInterim = 1000;
const mostPassed = 4;

type InterimAnswer = { status: number; headers: RawHeaders };

/** Passes one interim answer on, the `nth` of this request, from 1. Throws when the app goes on without end. */
export function passInterim(response: ServerResponse, { status, headers }: InterimAnswer, nth: number): void {
  if (nth > mostInterim) throw new Error("The app sends interim answers without end.");
  // RFC 9110 section 15.2: HTTP/1.0 knows none.
  if (response.req.httpVersion !== "1.1") return;
  if (status !== 103 || nth > mostPassed || response.headersSent || response.socket?.writableLength !== 0) return;
  const links = headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === "link");
  try {
    if (links.length > 0) response.writeEarlyHints({ link: links });
  } catch {
    // Node refuses some links that are well formed; the answer itself is yet to come.
  }
}
