import { once } from "node:events";
import { expect, it } from "vitest";
import { alice, cookieFor, dial, hostOf, sessionOfAlice, startFront } from "@/dev/test-gateway";

const gigabytes = 2;
const total = gigabytes * 2 ** 30;
const mebibyte = 2 ** 20;

it("an upload of gigabytes to an app that reads slowly stays out of memory", { timeout: 120_000 }, async () => {
  let received = 0;
  const front = await startFront(async (request, response) => {
    let untilPause = 256 * mebibyte;
    for await (const chunk of request) {
      received += chunk.length;
      untilPause -= chunk.length;
      if (untilPause > 0) continue;
      untilPause = 256 * mebibyte;
      // An app that is busy with something else for a moment: the sender must wait, not the gateway's memory grow.
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
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
  for (let sent = 0; sent < total; sent += chunk.length) {
    if (!socket.write(chunk)) await once(socket, "drain");
    most = Math.max(most, process.memoryUsage.rss());
  }
  const [answer] = await answered;
  expect(String(answer)).toContain(`received ${total}`);
  // Client, gateway and app are all in this process.
  expect((most - before) / mebibyte).toBeLessThan(256);
});
