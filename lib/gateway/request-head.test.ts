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
    expect(portalFault({ method: "GET", url } as IncomingMessage)?.status).toBe(400);
  },
);

it("takes letters of any language in a path, and any bytes in a query", () => {
  expect(portalFault({ method: "GET", url: "/launch/%c3%bc?name=%ff" } as IncomingMessage)).toBeNull();
});
