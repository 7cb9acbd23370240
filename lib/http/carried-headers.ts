// Two headers of an answer that Next would not send as meant: it drops every length, and keeps a policy that is there already
// (next/dist/server/send-response.js). They travel under names of ours and are put back as the head is written.
import type { ServerResponse } from "node:http";

const names = ["content-length", "content-security-policy"];
const carrier = (name: string): string => `x-berth-${name}`;

/** In a route handler: what this answer says of its own length and policy is to hold. */
export function carryHeaders({ headers }: Response): void {
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) headers.set(carrier(name), value);
  }
}

/** In the server, before Next is given `response`. */
export function deliverHeaders(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response);
  const delivering = (...given: Parameters<typeof writeHead>) => {
    for (const name of names) {
      const value = response.getHeader(carrier(name));
      if (value === undefined) continue;
      response.removeHeader(carrier(name));
      // What is compressed on its way has another length.
      if (name !== "content-length" || !response.hasHeader("content-encoding")) response.setHeader(name, value);
    }
    return writeHead(...given);
  };
  // The same overloads: what is given is passed on.
  response.writeHead = delivering as typeof response.writeHead;
}
