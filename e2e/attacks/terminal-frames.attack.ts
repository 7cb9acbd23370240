// What somebody may send on a terminal's socket, or do not read from it: frames that are none, messages nobody knows, floods
// without a reader. The process stays, its memory and its log stay small.
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Api } from "@/e2e/api";
import { apiAs, portalHost, residentMiB, send, siteUnderTest } from "@/e2e/attacks/site";
import {
  asScript,
  attachMessage,
  endTerminal,
  newTerminal,
  openSocket,
  ticketFor,
} from "@/e2e/attacks/terminal-socket";
import { api as paths } from "@/lib/paths";

/** Each file its own person: terminals and sockets are counted by person and minute. */
const carol: Api = apiAs("carol");
let id: string;
const sockets: Socket[] = [];

beforeAll(async () => {
  id = await newTerminal(carol);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => endTerminal(carol, id));

/** RFC 6455 section 5.2, masked with zeros. `length` may promise more than comes. */
function frame(first: number, payload: Buffer | string, length?: number): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(length ?? bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

/** A socket of plain bytes that has been upgraded. */
async function rawSocket(): Promise<Socket> {
  const socket = connect(siteUnderTest().port, "127.0.0.1").on("error", () => {});
  sockets.push(socket);
  const lines = [
    `GET ${paths.terminalSocket(id)} HTTP/1.1`,
    ...[`Host: ${portalHost()}`, `Authorization: Bearer ${carol.secret}`, "Connection: Upgrade", "Upgrade: websocket"],
    ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""],
  ];
  socket.write(lines.join("\r\n"));
  const head = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString("latin1"))));
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

/** The code of the close frame that comes, or 0 when the connection ends without one, or -1 when nothing comes. */
function closeCode(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    const timer = setTimeout(() => resolve(-1), 5_000);
    const answer = (code: number) => {
      clearTimeout(timer);
      resolve(code);
    };
    socket.on("data", (data) => {
      heard = Buffer.concat([heard, data]).subarray(-65_536);
      const at = heard.indexOf(0x88);
      if (at >= 0 && heard.length >= at + 4) answer(heard.readUInt16BE(at + 2));
    });
    socket.once("close", () => answer(0));
  });
}

const small = Buffer.from("x");
const malformed: [string, () => Buffer, number[]][] = [
  ["a frame that promises 1 GB", () => frame(0x82, Buffer.alloc(1 << 20), 1 << 30), [1009, 0]],
  ["a frame that promises 2^63 bytes", () => frame(0x82, small, 2 ** 53), [1009, 0]],
  ["text that is not UTF-8", () => frame(0x81, Buffer.from([0xc3, 0x28, 0xff])), [1007, 0]],
  ["reserved bits", () => frame(0xf1, small), [1002, 0]],
  ["a reserved opcode", () => frame(0x83, small), [1002, 0]],
  ["compressed frames, though nothing was agreed on", () => frame(0xc1, small), [1002, 0]],
  ["a ping of 200 bytes", () => frame(0x89, Buffer.alloc(200)), [1002, 0]],
  ["a fragment of nothing before", () => frame(0x80, small), [1002, 0]],
  ["bytes without a mask", () => Buffer.from([0x81, 0x01, 0x78]), [1002, 0]],
  ["an HTTP request", () => Buffer.from("GET / HTTP/1.1\r\n\r\n"), [1002, 0]],
  ["input before it is attached", () => frame(0x82, Buffer.from([0, 0, 0, 1, 0x6c])), [1008]],
  ["a message nobody knows", () => frame(0x81, '{"type":"own"}'), [1008]],
  ["a message of 100 KB of brackets", () => frame(0x81, "[".repeat(100_000)), [1008]],
];

it.each(malformed)("C3 %s ends the socket with its code", async (_what, bytes, codes) => {
  const socket = await rawSocket();
  const code = closeCode(socket);
  socket.write(bytes());
  expect(codes).toContain(await code);
});

const sizes = ["-1", "0", "1e9", "1e999", "NaN", "null", '"80"', "80.5", "501", "[80]", "-0.5"];

it.each(sizes)("C3 a size of %s is refused, at the beginning and later, and the shell keeps its own", async (size) => {
  const bad = (more: string) => `{${more},"cols":${size},"rows":${size}}`;
  const first = await openSocket(id, asScript(carol));
  const ticket = await ticketFor(carol, id);
  first.ws.send(bad(`"type":"attach","ticket":"${ticket}","viewer":"${"0".repeat(32)}","after":null,"epoch":null`));
  expect(await first.closed).toBe(1008);
  const second = await openSocket(id, asScript(carol));
  second.ws.send(attachMessage(await ticketFor(carol, id)));
  await expect.poll(() => second.told.length, { timeout: 15_000 }).toBeGreaterThan(0);
  second.ws.send(bad('"type":"resize"'));
  expect(await second.closed).toBe(1008);
});

it("C3 fragments without end and oversized input fill no memory, and others are served meanwhile", async () => {
  const pour = async (bytes: Buffer, times: number) => {
    const socket = await rawSocket();
    const code = closeCode(socket);
    for (let count = 0; count < times && !socket.destroyed && socket.writable; count += 1) {
      if (!socket.write(bytes)) await Promise.race([new Promise((done) => socket.once("drain", done)), code]);
    }
    return code;
  };
  const fragments = Buffer.concat([frame(0x01, small), ...Array.from({ length: 1000 }, () => frame(0x00, small))]);
  const empty = Buffer.concat([frame(0x01, ""), ...Array.from({ length: 1000 }, () => frame(0x00, ""))]);
  await pour(fragments, 2);
  const before = residentMiB();
  expect(await pour(fragments, 200)).not.toBe(-1);
  await pour(empty, 100);
  // Once: who goes on writing to a socket that was closed is reset, and may miss why.
  expect(await pour(frame(0x82, Buffer.alloc(129 * 1024)), 1)).toBe(1009);
  await expect.poll(() => residentMiB() - before, { timeout: 20_000, interval: 500 }).toBeLessThan(32);
  expect((await send("/api/health")).status).toBe(200);
});

it("C3 a socket that says nothing is closed, and one person has only so many", async () => {
  // Of somebody else: what they use up must not be missing above.
  const paul = apiAs("paul");
  const own = await newTerminal(paul);
  const silent = await openSocket(own, asScript(paul));
  const startedAt = Date.now();
  const many = await Promise.allSettled(Array.from({ length: 60 }, () => openSocket(own, asScript(paul))));
  const refused = many.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeGreaterThanOrEqual(20);
  for (const one of refused) expect(String(one.status === "rejected" && one.reason)).toContain("429");
  expect(await silent.closed).toBe(1008);
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  for (const one of many) if (one.status === "fulfilled") one.value.ws.terminate();
  await endTerminal(paul, own);
});
