// Raw bytes on sockets: what is malformed is refused and the connection closed, and the app never sees a request twice
// or one that was smuggled behind another.
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { alice, cookieFor, dial, exchange, hostOf, sessionOfAlice, startFront } from "@/dev/test-gateway";

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));

async function start() {
  const seen: string[] = [];
  const front = await startFront((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume().once("end", () => response.end("app"));
  });
  const host = hostOf(front, sessionOfAlice);
  const head = `Host: ${host}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\n`;
  return { front, seen, head, host };
}

const smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

describe("request smuggling (D7)", () => {
  it.each([
    [
      "length and coding",
      "POST / HTTP/1.1",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      `0\r\n\r\n${smuggled}`,
    ],
    ["two lengths", "POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", `hello${smuggled}`],
    ["two equal lengths", "POST / HTTP/1.1", "Content-Length: 5\r\nContent-Length: 5\r\n", `hello${smuggled}`],
    ["a list of lengths", "POST / HTTP/1.1", "Content-Length: 5, 5\r\n", `hello${smuggled}`],
    ["a signed length", "POST / HTTP/1.1", "Content-Length: +5\r\n", `hello${smuggled}`],
    ["an unknown coding", "POST / HTTP/1.1", "Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${smuggled}`],
    ["two codings", "POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n", `0\r\n\r\n${smuggled}`],
    [
      "coding twice",
      "POST / HTTP/1.1",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      `0\r\n\r\n${smuggled}`,
    ],
    ["space before the colon", "POST / HTTP/1.1", "Transfer-Encoding : chunked\r\n", `0\r\n\r\n${smuggled}`],
    ["a folded line", "POST / HTTP/1.1", "X: 1\r\n Transfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`],
    ["a bare line feed", "POST / HTTP/1.1", "X: 1\nContent-Length: 5\r\n", `hello${smuggled}`],
    ["a coding in HTTP/1.0", "POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n", `0\r\n\r\n${smuggled}`],
    ["a second Host", "GET / HTTP/1.1", "Host: portal.test\r\n", smuggled],
    ["an unknown expectation", "POST / HTTP/1.1", "Expect: 200-ok\r\nContent-Length: 5\r\n", `hello${smuggled}`],
    ["NUL in a header", "GET / HTTP/1.1", "X: a\0b\r\n", smuggled],
  ])("refuses %s and closes", async (_name, line, headers, body) => {
    const { front, seen, head } = await start();
    const answer = await exchange(front.port, `${line}\r\n${head}${headers}\r\n${body}`);
    expect([400, 417, 501]).toContain(statusOf(answer));
    expect(statuses(answer)).toHaveLength(1);
    expect(seen).toEqual([]);
  });

  it.each(["DELETE", "OPTIONS", "GET", "POST"])("sends a chunked %s on as one request", async (method) => {
    const { front, seen, head } = await start();
    const body = "26\r\nGET /smuggled HTTP/1.1\r\nHost: app\r\n\r\n \r\n0\r\n\r\n";
    const answer = await exchange(
      front.port,
      `${method} /one HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${body}`,
    );
    expect(statusOf(answer)).toBe(200);
    expect(seen).toEqual([`${method} /one`]);
  });

  it.each([
    ["http://169.254.169.254/latest", "absolute form"],
    ["http://portal.test/", "absolute form of ourselves"],
    ["*", "asterisk"],
    ["portal.test:443", "authority"],
    ["/a#b", "a fragment"],
  ])("refuses the target %s", async (target) => {
    const { front, seen, head } = await start();
    expect(statusOf(await exchange(front.port, `OPTIONS ${target} HTTP/1.1\r\n${head}\r\n`))).toBe(400);
    expect(statusOf(await exchange(front.port, `GET ${target} HTTP/1.1\r\nHost: portal.test\r\n\r\n`))).toBe(400);
    expect(seen).toEqual([]);
  });

  it.each(["TRACE", "CONNECT"])("does not offer %s, which would echo the app's secret", async (method) => {
    const { front, seen, head } = await start();
    const answer = await exchange(front.port, `${method} / HTTP/1.1\r\n${head}\r\n`);
    expect([405, 0]).toContain(statusOf(answer));
    expect(answer).not.toContain("secret-of");
    expect(seen).toEqual([]);
  });

  it("closes after a header bomb", async () => {
    const { front, head } = await start();
    const bomb = `X: ${"a".repeat(40_000)}\r\n`;
    expect(statusOf(await exchange(front.port, `GET / HTTP/1.1\r\n${head}${bomb}\r\n`))).toBe(431);
  });

  it("never passes on what follows a body that the app did not wait for", async () => {
    const { front, head, host } = await start();
    front.appServer.removeAllListeners("request");
    const seen: string[] = [];
    front.appServer.on("request", (request, response) => {
      seen.push(request.url ?? "");
      response.writeHead(413).end("too much");
    });
    const inside = `GET /inside HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const answer = await exchange(front.port, `POST /up HTTP/1.1\r\n${head}Content-Length: 100000\r\n\r\n${inside}`);
    expect(statuses(answer)).toEqual([413]);
    expect(seen).toEqual(["/up"]);
  });
});

describe("hosts and paths of the portal (D8, B11, P10)", () => {
  it.each(["evil.test", "127.0.0.1", "portal.test.evil", "portal.test:81", "short.apps.test"])(
    "misdirects %s",
    async (host) => {
      const { front } = await start();
      const ask = `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: portal.test\r\nConnection: close\r\n\r\n`;
      expect(statusOf(await exchange(front.port, ask))).toBe(421);
    },
  );

  it("needs a Host, also in HTTP/1.0", async () => {
    const { front } = await start();
    expect(statusOf(await exchange(front.port, "GET / HTTP/1.0\r\n\r\n"))).toBe(400);
    expect(statusOf(await exchange(front.port, "GET / HTTP/1.1\r\n\r\n"))).toBe(400);
  });

  it.each([
    ["GET //evil.test/x", 400],
    ["GET /\\evil.test", 400],
    ["GET /a%00b", 400],
    ["GET /a%2f..%2fb", 400],
    ["GET /a%5Cb", 400],
    ["POST /", 405],
    ["PUT /sessions", 405],
    ["GET /_next/image?url=http://evil.test/a.png&w=64&q=75", 404],
    ["GET /", 200],
  ])("answers %s with %i", async (line, status) => {
    const { front } = await start();
    const answer = await exchange(front.port, `${line} HTTP/1.1\r\nHost: portal.test\r\nConnection: close\r\n\r\n`);
    expect(statusOf(answer)).toBe(status);
    // RFC 9110 section 15.5.6.
    expect(/^allow: GET, HEAD\r$/im.test(answer)).toBe(status === 405);
    expect(answer).toMatch(/content-security-policy: .*frame-ancestors 'none'/i);
    expect(answer).toMatch(/x-frame-options: DENY/i);
  });
});

it("passes the pages only headers that are true", async () => {
  let headers: NodeJS.Dict<string | string[]> = {};
  const front = await startFront(() => {}, {
    pages: async (request, response) => {
      headers = { ...request.headers };
      response.end();
    },
  });
  const lies = [
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Host: evil",
    "X-Berth-Address: 1.2.3.4",
    "x-middleware-subrequest: a",
    "Next-Action: x",
    "X-Nonce: n",
  ];
  await exchange(
    front.port,
    `GET / HTTP/1.1\r\nHost: portal.test\r\nConnection: close\r\n${lies.join("\r\n")}\r\n\r\n`,
  );
  expect(headers).toMatchObject({
    "x-forwarded-host": "portal.test",
    "x-forwarded-proto": "http",
    "x-berth-address": "127.0.0.1",
  });
  expect(headers["x-middleware-subrequest"]).toBeUndefined();
  expect(headers["next-action"]).toBeUndefined();
  expect(headers["content-security-policy"]).toContain(`'nonce-${headers["x-nonce"]}'`);
  expect(headers["x-nonce"]).toHaveLength(24);
});

it("gives up on a client that does not finish its head (P4)", async () => {
  const front = await startFront(() => {}, { headSeconds: 0.5 });
  const silent = dial(front.port);
  const slow = dial(front.port);
  slow.write("GET / HTTP/1.1\r\nHost: portal.test\r\nX: ");
  for (const socket of [silent, slow]) {
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(["", "HTTP/1.1 408 Request Timeout"]).toContain(answer.split("\r\n")[0]);
  }
});

/** Sends a body a byte at a time to whoever answers before its end; the answer, once the connection is closed. */
async function dripInto(port: number, host: string): Promise<string> {
  const slow = dial(port);
  slow.write(`POST /api/tokens HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 9999\r\n\r\n`);
  const drip = setInterval(() => slow.write("a"), 50);
  let answer = "";
  // What it sends after the answer may be answered by a reset, which is as good an end.
  slow
    .on("error", () => {})
    .on("data", (chunk) => {
      answer += chunk;
    });
  await new Promise((done) => slow.once("close", done));
  clearInterval(drip);
  return answer;
}

it("gives up on a client that has its answer and goes on sending its body (P4)", async () => {
  const front = await startFront(() => {}, { restSeconds: 0.2 });
  for (const host of ["portal.test", hostOf(front, sessionOfAlice)]) {
    expect([200, 401]).toContain(statusOf(await dripInto(front.port, host)));
  }
});

it("gives up on it also where the body was given up before, which takes the socket from the request", async () => {
  const pages = async (request: IncomingMessage, response: ServerResponse) => {
    // As a route does that reads some of a body and refuses the rest.
    await Readable.toWeb(request).cancel();
    response.writeHead(400).end("no");
  };
  const front = await startFront(() => {}, { restSeconds: 0.2, pages });
  expect(statusOf(await dripInto(front.port, "portal.test"))).toBe(400);
});
