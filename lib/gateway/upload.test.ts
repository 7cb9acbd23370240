import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { alice, cookieFor, dial, hostOf, sessionOfAlice, startFront } from "@/dev/test-gateway";

const gigabytes = 1;
const total = gigabytes * 2 ** 30;
const mebibyte = 2 ** 20;
const pauseEvery = 256 * mebibyte;
/** Client, gateway and app share one event loop, so what has not moved in this many turns of it waits for the app. */
const turnsAtRest = 200;

/** Resolves when `amount` stands still. */
async function untilStill(amount: () => number): Promise<void> {
  let last = amount();
  for (let turns = 0; turns < turnsAtRest; turns += 1) {
    await turn();
    if (amount() !== last) turns = 0;
    last = amount();
  }
}

it("an upload of gigabytes to an app that reads slowly stays out of memory", { timeout: 120_000 }, async () => {
  let received = 0;
  let sent = 0;
  const front = await startFront(async (request, response) => {
    let untilPause = pauseEvery;
    for await (const chunk of request) {
      received += chunk.length;
      untilPause -= chunk.length;
      if (untilPause > 0) continue;
      untilPause = pauseEvery;
      // An app that is busy with something else until nothing more can be sent: the sender must come to wait, and the
      // gateway's memory must not grow meanwhile.
      await untilStill(() => sent);
    }
    response.end(`received ${received}`);
  });
  const before = process.memoryUsage().rss;
  let most = before;
  const socket = dial(front.port);
  const answered = once(socket, "data");
  socket.write(
    `PUT /big HTTP/1.1\r\nHost: ${hostOf(front, sessionOfAlice)}\r\nCookie: ${cookieFor(front, sessionOfAlice, alice)}\r\nContent-Length: ${total}\r\nConnection: close\r\n\r\n`,
  );
  const chunk = Buffer.alloc(mebibyte, "x");
  for (; sent < total; sent += chunk.length) {
    if (!socket.write(chunk)) await once(socket, "drain");
    most = Math.max(most, process.memoryUsage.rss());
  }
  const [answer] = await answered;
  expect(String(answer)).toContain(`received ${total}`);
  // Client, gateway and app are all in this process.
  expect((most - before) / mebibyte).toBeLessThan(256);
});
