import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { type KeptConnection, keptConnections } from "./kept-connections";

const taker = { onData: () => true, onEnd: () => {}, onError: () => {}, onceGone: () => {} };
const stream = () => new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });

it("opens no more than so many, and lets who waits have what is given back", async () => {
  const opened: Duplex[] = [];
  const kept = keptConnections(async () => {
    opened.push(stream());
    return opened.at(-1) as Duplex; // Pushed in the line above.
  });
  const held = await Promise.all(Array.from({ length: 256 }, () => kept.take(taker)));
  const next = kept.take(taker);
  kept.keep(held[0] as KeptConnection, 60); // 256 were taken.
  expect(await next).toMatchObject({ stream: opened[0], isFresh: false });
  expect(opened.length).toBe(256);
});

it("tells everybody who waits when the app cannot be reached: nobody waits for ever", async () => {
  let attempts = 0;
  const kept = keptConnections(async () => {
    attempts += 1;
    throw new Error("no app");
  });
  const all = await Promise.allSettled(Array.from({ length: 300 }, () => kept.take(taker)));
  expect(all.every(({ status }) => status === "rejected")).toBe(true);
  expect(attempts).toBe(300);
  expect(kept.isBusy()).toBe(false);
});

it("forgets who left while it waited: what is given back is for those who stay", async () => {
  const kept = keptConnections(async () => stream());
  const held = await Promise.all(Array.from({ length: 256 }, () => kept.take(taker)));
  const leaves: (() => void)[] = [];
  const gone = kept.take({ ...taker, onceGone: (leave) => leaves.push(leave) });
  const stays = kept.take(taker);
  for (const leave of leaves) leave();
  expect(await gone).toBeNull();
  kept.keep(held[0] as KeptConnection, 60); // 256 were taken.
  expect(await stays).toBe(held[0]);
});
