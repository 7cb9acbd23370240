import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { askApp, rawApp, startFront } from "@/dev/test-gateway";

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

/** An app that answers each request on a connection with the next of `answers`, and counts connections. */
async function scripted(answer: (socket: Socket, path: string, nth: number) => void) {
  let connections = 0;
  const port = await rawApp((socket) => {
    connections += 1;
    const nth = connections;
    socket.on("data", (data) => answer(socket, data.toString().split(" ")[1] ?? "", nth));
  });
  return { front: await startFront(() => {}, { port }), connections: () => connections };
}

it("bytes that follow an answer are nobody's, and the next request has a connection of its own", async () => {
  const evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  const { front, connections } = await scripted((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood${evil}`);
  });
  expect(bodyOf(await askApp(front, "GET /a"))).toBe("good");
  expect(bodyOf(await askApp(front, "GET /b"))).toBe("good");
  expect(connections()).toBe(2);
});

it("bytes that come while nothing is asked end the connection", async () => {
  const { front } = await scripted((socket, _path, nth) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${nth}`);
    if (nth === 1) setImmediate(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
  });
  expect(bodyOf(await askApp(front, "GET /a"))).toBe("1");
  expect(bodyOf(await askApp(front, "GET /b"))).toMatch(/^[12]$/);
});

it("an answer that ends with the connection is whole", async () => {
  const { front } = await scripted((socket) => socket.end("HTTP/1.0 200 OK\r\nX-Old: yes\r\n\r\nall of it"));
  const answer = await askApp(front, "GET /");
  expect(answer).toContain("X-Old: yes");
  expect(answer).toContain("all of it");
});

it("a head that comes byte by byte is one head", async () => {
  const { front } = await scripted((socket) => {
    for (const byte of "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") socket.write(byte);
  });
  expect(bodyOf(await askApp(front, "GET /"))).toBe("ok");
});

it("what is odd is left to Node's own parser, from then on too", async () => {
  const { front, connections } = await scripted((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  });
  expect(await askApp(front, "GET /a")).toContain("ok");
  expect(await askApp(front, "GET /b")).toContain("ok");
  expect(connections()).toBeLessThanOrEqual(3);
});

it("a chunk that lies breaks the answer off", async () => {
  const { front } = await scripted((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokk\r\n0\r\n\r\n");
  });
  expect(await askApp(front, "GET /")).not.toContain("0\r\n\r\n");
});
