// Request smuggling: heads that two HTTP servers in a row could understand differently. The app counts what reaches it, and
// the socket shows how many answers came back: never two for one.
import { beforeAll, expect, it } from "vitest";
import { type HostileApp, hostileApp, saying } from "@/e2e/attacks/hostile-app";
import { portalHost, sendRaw } from "@/e2e/attacks/site";

let app: HostileApp;
beforeAll(async () => {
  app = await hostileApp("alice");
});

const inner = "GET /d7-smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
const innerLength = `Content-Length: ${inner.length}\r\n`;
const chunked = "Transfer-Encoding: chunked\r\n";

/** What is wrong with the head, and what follows it. All of these must be refused. */
const malformed: [name: string, head: string, body: string][] = [
  ["a length and chunks", `${innerLength}${chunked}`, `0\r\n\r\n${inner}`],
  ["chunks and a length", `${chunked}${innerLength}`, `0\r\n\r\n${inner}`],
  ["two lengths that differ", `Content-Length: 0\r\n${innerLength}`, inner],
  ["two lengths that agree", `${innerLength}${innerLength}`, inner],
  ["two lengths in one line", `Content-Length: 0, ${inner.length}\r\n`, inner],
  ["a length with a sign", `Content-Length: +${inner.length}\r\n`, inner],
  ["a length in hexadecimal", "Content-Length: 0x10\r\n", inner],
  ["a length with a space inside", "Content-Length: 1 0\r\n", inner],
  ["a negative length", "Content-Length: -1\r\n", inner],
  ["a coding that is none", "Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${inner}`],
  ["chunked twice", `${chunked}${chunked}`, `0\r\n\r\n${inner}`],
  ["chunked, then identity", "Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${inner}`],
  ["gzip, then chunked", "Transfer-Encoding: gzip, chunked\r\n", `0\r\n\r\n${inner}`],
  ["a coding with a vertical tab", "Transfer-Encoding: \x0bchunked\r\n", `0\r\n\r\n${inner}`],
  ["a space before the colon", "Transfer-Encoding : chunked\r\n", `0\r\n\r\n${inner}`],
  ["a folded line", `X-Fold: a\r\n ${chunked}`, `0\r\n\r\n${inner}`],
  ["a folded coding", "Transfer-Encoding:\r\n chunked\r\n", `0\r\n\r\n${inner}`],
  ["a bare line feed between headers", `X-One: 1\n${innerLength}`, inner],
  ["a bare carriage return in a value", `X-One: 1\rTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${inner}`],
  ["a NUL in a value", `X-One: 1\x00\r\n${innerLength}`, inner],
  ["a header line without a colon", `GET /d7-smuggled HTTP/1.1\r\n`, ""],
  ["two hosts", "Host: other.example\r\n", ""],
  ["a chunk size with a sign", chunked, `+0\r\n\r\n${inner}`],
  ["a chunk size of 2^64", chunked, `10000000000000000\r\n${inner}`],
  ["a chunk size in words", chunked, `zero\r\n\r\n${inner}`],
  ["a chunk longer than its size", chunked, `1\r\nab${inner}\r\n0\r\n\r\n`],
  ["a bare line feed after a chunk's size", chunked, `0\n\r\n${inner}`],
  ["a header of 40 KB", `X-Bomb: ${"a".repeat(40_000)}\r\n`, ""],
  ["five thousand headers", "X-Bomb: a\r\n".repeat(5_000), ""],
];

const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, code]) => Number(code));

const chunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

async function expectOneRefusal(host: string, cookie: string, [, head, body]: (typeof malformed)[number]) {
  const { text, isClosed } = await sendRaw(
    `POST /d7-outer HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n${head}\r\n${body}`,
    5000,
  );
  expect(isClosed).toBe(true);
  // An app may have its head already when a chunk turns out wrong: then there is no answer to give.
  expect(statuses(text).filter((status) => status < 400)).toEqual([]);
  expect(statuses(text).length).toBeLessThanOrEqual(1);
  expect(text).not.toContain("d7-smuggled");
}

it.each(malformed)("D7 the portal refuses once and closes: %s", (...attack) =>
  expectOneRefusal(portalHost(), "", attack),
);

it.each(malformed)(
  "D7 the gateway refuses once and closes, and the app sees no second request: %s",
  async (...attack) => {
    await expectOneRefusal(app.host, app.cookie, attack);
    const requests = await app.seen("d7-smuggled");
    // As a body it may have arrived; as a request never.
    expect(requests.filter(({ head }) => head.startsWith("GET /d7-smuggled"))).toEqual([]);
  },
);

it.each(["DELETE", "OPTIONS", "POST", "PUT", "PATCH"])(
  "D7 a chunked %s whose body looks like a request is one request with that body",
  async (method) => {
    const path = `/d7-chunked-${method.toLowerCase()}`;
    const body = inner.replace("d7-smuggled", `d7-inside-${method.toLowerCase()}`);
    const { text } = await sendRaw(
      `${method} ${path} HTTP/1.1\r\nHost: ${app.host}\r\nCookie: ${app.cookie}\r\nConnection: close\r\n${chunked}\r\n` +
        chunk(body),
    );
    expect(statuses(text)).toEqual([200]);
    const seen = await app.seen(`d7-inside-${method.toLowerCase()}`);
    expect(seen.map((one) => one.body)).toEqual([body]);
    expect(seen[0]?.head).toContain(`${method} ${path} HTTP/1.1\r\n`);
  },
);

it("D7 a DELETE and an OPTIONS to the portal with a request in their body get one answer", async () => {
  for (const method of ["DELETE", "OPTIONS"]) {
    const { text } = await sendRaw(
      `${method} /api/sessions HTTP/1.1\r\nHost: ${portalHost()}\r\nConnection: close\r\n${innerLength}\r\n${inner}`,
    );
    expect(statuses(text)).toHaveLength(1);
  }
});

it("D7 the body of a request that the gateway refused is not read as another request", async () => {
  const body = `GET /d7-refused HTTP/1.1\r\nHost: ${app.host}\r\nCookie: ${app.cookie}\r\n\r\n`;
  for (const framing of [`Content-Length: ${body.length}\r\n\r\n${body}`, `${chunked}\r\n${chunk(body)}`]) {
    const { text } = await sendRaw(`POST /d7-first HTTP/1.1\r\nHost: ${app.host}\r\n${framing}`);
    expect(statuses(text)).toEqual([401]);
  }
  expect(await app.seen("d7-refused")).toEqual([]);
});

it("D7 a WebSocket handshake with a body, or to an app that refuses it, opens no way past the gateway", async () => {
  const handshake = `Host: ${app.host}\r\nCookie: ${app.cookie}\r\nOrigin: http://${app.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const { text } = await sendRaw(`GET /d7-upgrade HTTP/1.1\r\n${handshake}${key}${innerLength}\r\n${inner}`);
  expect(statuses(text)).not.toContain(101);
  const requests = await app.seen("d7-smuggled");
  expect(requests.filter(({ head }) => head.startsWith("GET /d7-smuggled"))).toEqual([]);
});

it("D7 a second answer that an app appends to its first is not taken for the next request's", async () => {
  const twice = saying("", [
    ["Content-Length", "0"],
    ["X-End", "1\r\n\r\nHTTP/1.1 200 OK\r\nX-Poison: d7"],
  ]);
  const { text } = await sendRaw(
    `GET ${twice} HTTP/1.1\r\nHost: ${app.host}\r\nCookie: ${app.cookie}\r\nConnection: close\r\n\r\n`,
  );
  expect(statuses(text)).toEqual([200]);
  expect(text).not.toContain("X-Poison");
  const next = await app.ask("/d7-next");
  expect(next.headers["x-poison"]).toBeUndefined();
  expect(JSON.parse(next.body).head).toContain("GET /d7-next ");
});
