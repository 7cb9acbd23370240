// Bytes of an app's answer travel in memory that is read into again: whoever reads slowly, or asks for two things at once,
// must still get each answer's own bytes.
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { alice, asChannel, cookieFor, dial, type Front, hostOf, sessionOfAlice, startFront } from "@/dev/test-gateway";

const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes that differ everywhere: a piece in the wrong place or overwritten changes the hash. */
function pattern(size: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  let word = seed;
  for (let index = 0; index < words.length; index += 1) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[index] = word;
  }
  return Buffer.from(words.buffer, 0, size);
}

const asked = (front: Front, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${hostOf(front, sessionOfAlice)}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\n`;

/** Takes what comes, with as many turns of the event loop after each piece as `turns` says, until the end. */
async function readSlowly(socket: Socket, turns: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of socket) {
    pieces.push(piece);
    for (let count = 0; count < turns; count += 1) await turn();
  }
  return Buffer.concat(pieces);
}

const bodyOf = (answer: Buffer): Buffer => answer.subarray(answer.indexOf("\r\n\r\n") + 4);

/** The body of an answer in chunks. */
function joined(chunks: Buffer): Buffer {
  const data: Buffer[] = [];
  for (let at = 0; at < chunks.length; ) {
    const end = chunks.indexOf("\r\n", at);
    const size = Number.parseInt(chunks.toString("latin1", at, end), 16);
    data.push(chunks.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(data);
}

it.each([
  ["with a length", true],
  ["in chunks", false],
])("slow readers beside quick ones get every byte of answers %s", async (_words, hasLength) => {
  const bodies = [1, 2].map((seed) => pattern(12_000_000 + seed, seed));
  const front = await startFront((request, response) => {
    const body = bodies[Number(request.url?.slice(1))] ?? Buffer.alloc(0);
    if (hasLength) response.setHeader("Content-Length", body.length);
    for (let at = 0; at < body.length; at += 300_001) response.write(body.subarray(at, at + 300_001));
    response.end();
  });
  const read = bodies.map(async (_body, index) => {
    const socket = dial(front.port);
    socket.write(`${asked(front, `/${index}`)}Connection: close\r\n\r\n`);
    const body = bodyOf(await readSlowly(socket, index * 20));
    return hash(hasLength ? body : joined(body));
  });
  expect(await Promise.all(read)).toEqual(bodies.map(hash));
});

it("requests that follow each other on one connection get their own bytes, in their order", async () => {
  const sizes = [3_000_000, 40_000, 1_000, 2_000_000, 17_000, 300_000];
  const bodies = sizes.map((size, index) => pattern(size, index + 1));
  const front = await startFront((request, response) => {
    const body = bodies[Number(request.url?.slice(1))] ?? Buffer.alloc(0);
    response.writeHead(200, { "Content-Length": body.length }).end(body);
  });
  const socket = dial(front.port);
  const last = sizes.length - 1;
  // All at once: the later ones are answered by the app while the first is still on its way to the browser.
  const requests = sizes.map(
    (_size, index) => asked(front, `/${index}`) + (index === last ? "Connection: close\r\n" : ""),
  );
  socket.write(`${requests.join("\r\n")}\r\n`);
  let all = await readSlowly(socket, 5);
  for (const body of bodies) {
    const answer = bodyOf(all);
    expect(hash(answer.subarray(0, body.length))).toBe(hash(body));
    all = answer.subarray(body.length);
  }
  expect(all.length).toBe(0);
});

it("what waits for a slow browser stays what it was while the app's connection carries more, and the next answer", async () => {
  const piece = (nth: number) => pattern(20_000, nth + 1);
  let sent = 0;
  const isBlocked = () => browserSide.some((socket) => socket.writableLength > 0);
  const front = await startFront(async (request, response) => {
    if (request.url === "/next") return void response.end(pattern(3_000_000, 7));
    // A piece a turn until one has to wait in the gateway, and two more behind it.
    for (let after = 0; after < 2 && sent < 5000; sent += 1) {
      response.write(piece(sent));
      await turn();
      if (isBlocked()) after += 1;
    }
    response.end();
  });
  const browserSide: Socket[] = [];
  front.server.on("connection", (socket) => browserSide.push(socket));
  const slow = dial(front.port).pause();
  slow.write(`${asked(front, "/slow")}Connection: close\r\n\r\n`);
  await expect.poll(isBlocked).toBe(true);
  for (let count = 0; count < 3; count += 1) {
    const quick = dial(front.port);
    quick.write(`${asked(front, "/next")}Connection: close\r\n\r\n`);
    expect(hash(bodyOf(await readSlowly(quick, 0)))).toBe(hash(pattern(3_000_000, 7)));
  }
  const whole = Buffer.concat(Array.from({ length: sent }, (_, nth) => piece(nth)));
  expect(hash(joined(bodyOf(await readSlowly(slow, 0))))).toBe(hash(whole));
});

it.each([
  ["straight from its node", undefined],
  ["from a channel, which lends nothing", asChannel],
])("a browser that does not read holds the app back, %s", async (_words, carrier) => {
  let sent = 0;
  const isBlocked = Promise.withResolvers<void>();
  const front = await startFront(
    (_request, response) => {
      response.writeHead(200, { "Content-Length": 1e9 });
      const piece = Buffer.alloc(1_000_000);
      const more = () => {
        while (sent < 1e9) {
          sent += piece.length;
          if (!response.write(piece)) return void response.once("drain", more);
        }
      };
      more();
      response.once("close", () => isBlocked.resolve());
    },
    { carrier },
  );
  const socket = dial(front.port);
  socket.pause();
  socket.write(`${asked(front, "/")}Connection: close\r\n\r\n`);
  // What the kernel's buffers of both connections take, and no more: it stays the same for a while.
  let before = -1;
  await expect
    .poll(
      () => {
        const isStill = sent > 0 && sent === before;
        before = sent;
        return isStill;
      },
      { interval: 500, timeout: 30_000 },
    )
    .toBe(true);
  expect(sent).toBeLessThan(100e6);
  socket.destroy();
  await isBlocked.promise;
});
