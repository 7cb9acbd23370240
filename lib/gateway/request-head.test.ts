import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { headFault, portalFault } from "@/lib/gateway/request-head";

const whole = { "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };

/** What of a request the check reads. */
function handshake(headers: Record<string, string>, httpVersion = "1.1"): IncomingMessage {
  const rawHeaders = Object.entries({ Host: "a", Upgrade: "websocket", ...headers }).flat();
  // What else an IncomingMessage has is not looked at.
  return { method: "GET", url: "/", httpVersion, headers: { upgrade: "websocket" }, rawHeaders } as IncomingMessage;
}

it("lets the handshake of RFC 6455 through", () => {
  expect(headFault(handshake(whole))).toBeNull();
});

it.each([
  ["no key", { "Sec-WebSocket-Version": "13" }],
  ["no version", { "Sec-WebSocket-Key": whole["Sec-WebSocket-Key"] }],
  ["a key that is too short", { ...whole, "Sec-WebSocket-Key": "c2hvcnQ=" }],
  ["a draft's version", { ...whole, "Sec-WebSocket-Version": "8" }],
  ["two versions", { ...whole, "Sec-WebSocket-Version": "13, 8" }],
  ["two keys", { ...whole, "sec-websocket-key": whole["Sec-WebSocket-Key"] }],
])("refuses a handshake with %s", (_name, headers: Record<string, string>) => {
  expect(headFault(handshake(headers))?.status).toBe(400);
});

it("refuses a handshake of HTTP/1.0", () => {
  expect(headFault(handshake(whole, "1.0"))?.status).toBe(400);
});

it.each(["/api/sessions/%ff", "/launch/%ed%a0%80", "/%c0%af", "/a%", "/a%zz", "/a%00", "/a%2fb", "//a"])(
  "refuses the path %s",
  (url) => {
    // What else an IncomingMessage has is not looked at.
    expect(portalFault({ method: "GET", url, headers: {} } as IncomingMessage)?.status).toBe(400);
  },
);

it("takes letters of any language in a path, and any bytes in a query", () => {
  expect(portalFault({ method: "GET", url: "/launch/%c3%bc?name=%ff", headers: {} } as IncomingMessage)).toBeNull();
});

it.each<[string, IncomingMessage["headers"], number | null]>([
  ["a tree", { "next-router-state-tree": "%5B%22%22%2C%7B%22children%22%3A%5B%22files%22%2C%7B%7D%5D%7D%5D" }, null],
  ["a look ahead", { "next-router-prefetch": "1" }, null],
  ["nothing", { "next-router-state-tree": "" }, 400],
  ["half a character", { "next-router-state-tree": "%" }, 400],
  ["another list", { "next-router-state-tree": "[1]" }, 400],
  ["endless brackets", { "next-router-state-tree": "[".repeat(30_000) }, 400],
  ["a look ahead of a kind that is not used", { "next-router-prefetch": "2" }, 400],
])("lets only navigation that Next can read through to it: %s", (_what, headers, status) => {
  // What else an IncomingMessage has is not looked at.
  const asked = { method: "GET", url: "/", headers } as IncomingMessage;
  expect(portalFault(asked)?.status ?? null).toBe(status);
});
