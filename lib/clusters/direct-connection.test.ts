import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { listening } from "@/dev/test-gateway";
import { connectDirectly } from "./direct-connection";

const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** A connection to a server that does with its end as `talk` says. */
async function connected(talk: (socket: Socket) => void) {
  const port = await listening(createServer(talk));
  return connectDirectly("127.0.0.1", port);
}

it("gives its readers bytes that stay what they were", async () => {
  const sent = randomBytes(5_000_000);
  const stream = await connected((socket) => socket.end(sent));
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  expect(hash(Buffer.concat(pieces))).toBe(hash(sent));
});

it("reads again into memory that a borrower is done with, and never into what it keeps", async () => {
  const sent = randomBytes(5_000_000);
  const stream = await connected((socket) => socket.end(sent));
  const kept: Buffer[] = [];
  const copies: Buffer[] = [];
  const places = new Set<ArrayBufferLike>();
  let count = 0;
  stream.lendTo((bytes) => {
    places.add(bytes.buffer);
    copies.push(Buffer.from(bytes));
    count += 1;
    if (count % 3 > 0) return true;
    kept.push(bytes, Buffer.from(bytes));
    return false;
  });
  await once(stream.resume(), "end");
  expect(hash(Buffer.concat(copies))).toBe(hash(sent));
  expect(kept.length).toBeGreaterThan(2);
  for (let index = 0; index < kept.length; index += 2)
    expect(kept[index]?.equals(kept[index + 1] as Buffer)).toBe(true); // Pushed in pairs.
  expect(places.size).toBe(Math.floor(count / 3) + (count % 3 > 0 ? 1 : 0));
});

it("stops reading while paused, and its readers have what comes after the borrower", async () => {
  let peer: Socket | undefined;
  const stream = await connected((socket) => {
    peer = socket;
    socket.write("first");
  });
  const borrowed = Promise.withResolvers<string>();
  stream.lendTo((bytes) => {
    stream.pause();
    borrowed.resolve(String(bytes));
    return true;
  });
  stream.resume();
  expect(await borrowed.promise).toBe("first");
  stream.lendTo(null);
  peer?.end("second");
  let rest = "";
  for await (const piece of stream) rest += piece;
  expect(rest).toBe("second");
});
