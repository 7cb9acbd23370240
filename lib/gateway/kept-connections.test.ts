import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { keptConnections } from "./kept-connections";

const stream = () => new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });

it("opens no more than so many, and lets who waits have what is given back", async () => {
  const opened: Duplex[] = [];
  const kept = keptConnections(async () => {
    opened.push(stream());
    return opened.at(-1) as Duplex; // Pushed in the line above.
  });
  const held = await Promise.all(Array.from({ length: 256 }, () => kept.take()));
  const next = kept.take();
  kept.keep(held[0]?.stream as Duplex, 60); // 256 were taken.
  expect(await next).toEqual({ stream: opened[0], isFresh: false });
  expect(opened.length).toBe(256);
});

it("tells everybody who waits when the app cannot be reached: nobody waits for ever", async () => {
  let attempts = 0;
  const kept = keptConnections(async () => {
    attempts += 1;
    throw new Error("no app");
  });
  const all = await Promise.allSettled(Array.from({ length: 300 }, () => kept.take()));
  expect(all.every(({ status }) => status === "rejected")).toBe(true);
  expect(attempts).toBe(300);
  expect(kept.isBusy()).toBe(false);
});
