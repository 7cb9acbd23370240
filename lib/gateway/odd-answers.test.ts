// Answers that Node will not send on as they are, and answers without end. Whatever the app says, the browser has an answer or an
// end, and the process lives: a throw inside an event's listener would be an unhandled error of this very run.
import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  alice,
  askApp,
  cookieFor,
  dial,
  exchange,
  type Front,
  hostOf,
  rawApp,
  sessionOfAlice,
  startFront,
} from "@/dev/test-gateway";

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);
const statusOf = (answer: string): string => answer.slice(9, 12);

/** A front whose app says `text` to each request, in one piece. */
async function saying(text: string): Promise<Front> {
  const port = await rawApp((socket) => socket.on("data", () => socket.write(text, "latin1")));
  return startFront(() => {}, { port });
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const headOf = (front: Front): string =>
  `Host: ${hostOf(front, sessionOfAlice)}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\n`;

describe.each(["GET", "POST"])("an answer to %s", (method) => {
  it.each([
    ["that announces trailers and has a length", "HTTP/1.1 200 OK\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nok"],
    ["after a 103 with two Link lines", `HTTP/1.1 103 Hints\r\nLink: </a>; rel=x\r\nLink: </b>; rel=x\r\n\r\n${ok}`],
    ["after a 103 with two links in a line", `HTTP/1.1 103 Hints\r\nLink: </a>; rel=x, </b>; rel=x\r\n\r\n${ok}`],
    ["after a 103 with a Link that is none", `HTTP/1.1 103 Hints\r\nLink: nonsense\r\n\r\n${ok}`],
  ])("%s arrives", async (_words, text) => {
    const answer = await askApp(await saying(text), `${method} /`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/m);
    expect(answer.endsWith("\r\n\r\nok")).toBe(true);
    expect(answer).not.toMatch(/^trailer:/im);
  });

  it.each([
    ["with words that no header may have", "HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok"],
    ["with a status that is none", "HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nok"],
    ["that changes the protocol unasked", "HTTP/1.1 101 Other\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"],
    ["that is no end of interim ones", "HTTP/1.1 102 Wait\r\n\r\n".repeat(2000)],
  ])("%s is our page", async (_words, text) => {
    const front = await saying(text);
    const answer = await askApp(front, `${method} /`, ["Accept: text/html"]);
    expect(answer).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(answer).toContain("does not answer.");
    await expect.poll(front.gateway.count).toBe(0);
  });

  it.each(["204 No Content", "304 Not Modified"])("that is %s has no body, though it says chunks", async (status) => {
    const front = await saying(`HTTP/1.1 ${status}\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n`);
    const answer = await askApp(front, `${method} /`);
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(bodyOf(answer)).toBe("");
  });
});

it("an answer to HEAD that says chunks ends with its head, and the connection goes on", async () => {
  const port = await rawApp((socket) =>
    socket.on("data", (asked) =>
      socket.write(String(asked).startsWith("HEAD") ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" : ok),
    ),
  );
  const front = await startFront(() => {}, { port });
  const head = headOf(front);
  const answers = await exchange(
    front.port,
    `HEAD / HTTP/1.1\r\n${head}\r\nGET / HTTP/1.1\r\n${head}Connection: close\r\n\r\n`,
  );
  expect(answers.match(/^HTTP\/1\.1 200 OK/gm)).toHaveLength(2);
  expect(answers.endsWith("\r\n\r\nok")).toBe(true);
});

it("chunks with announced trailers reach a client of HTTP/1.0 as a body that ends with the connection", async () => {
  const front = await saying(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n",
  );
  const answer = await exchange(front.port, `GET / HTTP/1.0\r\n${headOf(front)}\r\n`);
  expect(statusOf(answer)).toBe("200");
  expect(bodyOf(answer)).toBe("ok");
});

it.each(["GET", "POST"])("no interim answer reaches a client of HTTP/1.0 that sent a %s", async (method) => {
  const hint = "HTTP/1.1 103 Hints\r\nLink: </a>; rel=preload\r\n\r\n";
  const front = await saying(`${hint}HTTP/1.1 100 Continue\r\n\r\n${ok}`);
  const body = method === "POST" ? "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi" : "\r\n";
  const answer = await exchange(front.port, `${method} / HTTP/1.0\r\n${headOf(front)}${body}`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answer.endsWith("\r\n\r\nok")).toBe(true);
});

it("a request that announces trailers and has a length reaches the app without the announcement", async () => {
  const front = await startFront((request, response) => response.end(JSON.stringify(request.rawHeaders)));
  const answer = await askApp(front, "POST /", ["Trailer: a", "Content-Length: 2"], "hi");
  expect(statusOf(answer)).toBe("200");
  expect(answer).not.toContain('"Trailer"');
});

it.each([
  ["HTTP/1.1 403 N\x01o", "words that no header may have"],
  ["HTTP/1.1 099 Low", "a status that is none"],
])("a handshake refused with %s is our page", async (line) => {
  const front = await saying(`${line}\r\nContent-Length: 2\r\n\r\nno`);
  const answer = await exchange(
    front.port,
    `GET / HTTP/1.1\r\n${headOf(front)}Origin: http://${hostOf(front, sessionOfAlice)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
});

describe.each(["GET", "POST"])("what an app sends without end to %s", (method) => {
  it("as hints is not kept for a browser that does not read", async () => {
    const hint = `HTTP/1.1 103 Hints\r\nLink: </${"a".repeat(60_000)}>; rel=preload\r\n\r\n`;
    const appSide: Socket[] = [];
    const port = await rawApp((socket) => {
      appSide.push(socket);
      const closed = once(socket, "close");
      socket.once("data", async () => {
        for (let count = 0; count < 900 && !socket.destroyed; count += 1) {
          if (!socket.write(hint)) await Promise.race([once(socket, "drain"), closed]);
        }
        socket.write(ok);
      });
    });
    const front = await startFront(() => {}, { port });
    const browserSide: Socket[] = [];
    front.server.on("connection", (socket) => browserSide.push(socket));
    const slow = dial(front.port).pause();
    slow.write(`${method} / HTTP/1.1\r\n${headOf(front)}Connection: close\r\n\r\n`);
    await expect.poll(() => appSide[0]?.bytesWritten ?? 0).toBeGreaterThan(900 * 60_000);
    expect(browserSide[0]?.writableLength).toBeLessThan(1_000_000);
    let answer = "";
    for await (const piece of slow) answer += piece;
    expect(answer.match(/^HTTP\/1\.1 103/gm)?.length ?? 0).toBeLessThanOrEqual(4);
    expect(answer.endsWith("\r\n\r\nok")).toBe(true);
  });

  it("as trailers breaks the answer off", async () => {
    let isOver = false;
    const port = await rawApp((socket) => {
      socket.once("close", () => {
        isOver = true;
      });
      socket.once("data", async () => {
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n");
        while (!isOver) {
          socket.write(`X-Sum: ${"7".repeat(1000)}\r\n`);
          await turn();
        }
      });
    });
    const front = await startFront(() => {}, { port });
    const answer = await askApp(front, `${method} /`);
    expect(statusOf(answer)).toBe("200");
    expect(answer).not.toContain("0\r\n\r\n");
    await expect.poll(() => isOver).toBe(true);
  });
});
