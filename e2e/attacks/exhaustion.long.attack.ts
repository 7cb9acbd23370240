// Connections that cost an attacker little and the portal much: slow heads, slow bodies, thousands that say nothing, streams
// without end. Others must not notice.
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { apiAs, inDatabase, portalHost, residentMiB, send, siteUnderTest } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that is open, and the moment at which the portal closed it. */
async function open(): Promise<{ socket: Socket; closed: Promise<number> }> {
  const socket = connect(siteUnderTest().port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {}).resume();
  const closed = new Promise<number>((done) => socket.once("close", () => done(performance.now())));
  await new Promise<void>((done, failed) => socket.once("connect", done).once("error", failed));
  return { socket, closed };
}

/** In groups that the kernel's queue of new connections can hold; an answer shows that the portal has taken each of them. */
async function openMany(count: number) {
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  for (let missing = count; missing > 0; missing -= 200) {
    opened.push(...(await Promise.all(Array.from({ length: Math.min(missing, 200) }, open))));
    await send(paths.health());
  }
  return opened;
}

/** Milliseconds that bob's own requests take, one after the other; the slowest but two of forty. */
async function p95OfBob(): Promise<number> {
  const headers = { authorization: `Bearer ${apiAs("bob").secret}` };
  const taken: number[] = [];
  for (let count = 0; count < 40; count += 1) {
    const startedAt = performance.now();
    expect((await send(paths.me(), { headers })).status).toBe(200);
    taken.push(performance.now() - startedAt);
  }
  return taken.toSorted((one, other) => one - other)[37] ?? 0;
}

async function expectOthersUnhurt(): Promise<void> {
  // Compiled and cached is what it is for everybody who asks twice.
  await send(paths.me(), { headers: { authorization: `Bearer ${apiAs("bob").secret}` } });
  expect(await p95OfBob()).toBeLessThan(300);
}

/** Opens a stream of events; answers its status once the head is there. */
async function eventStream(secret: string): Promise<string> {
  const { socket } = await open();
  const status = new Promise<string>((done) => {
    socket.on("data", (data) => done(/^HTTP\/1\.1 (\d{3})/.exec(data.toString("latin1"))?.[1] ?? "?"));
    socket.once("close", () => done("closed"));
  });
  socket.write(`GET ${paths.events()} HTTP/1.1\r\nHost: ${portalHost()}\r\nAuthorization: Bearer ${secret}\r\n\r\n`);
  return status;
}

// In this order: the last row is about all before it.
describe("too many connections", { shuffle: false }, () => {
  it("P4 a head that comes one header every second is cut after ten", async () => {
    const startedAt = performance.now();
    const slow = await openMany(20);
    const drip = setInterval(() => {
      for (const { socket } of slow) socket.write("X-Slow: a\r\n");
    }, 1000);
    for (const { socket } of slow) socket.write(`GET / HTTP/1.1\r\nHost: ${portalHost()}\r\n`);
    const closedAt = await Promise.all(slow.map(({ closed }) => closed));
    clearInterval(drip);
    for (const at of closedAt) expect(at - startedAt).toBeLessThan(14_000);
  });

  it("P4 a request line without an end is cut after ten seconds", async () => {
    const { socket, closed } = await open();
    const startedAt = performance.now();
    socket.write("GET /");
    expect((await closed) - startedAt).toBeLessThan(14_000);
  });

  it("P4 two thousand sockets that say nothing hurt nobody, and are cut", async () => {
    const before = residentMiB();
    const startedAt = performance.now();
    const idle = await openMany(2000);
    await expectOthersUnhurt();
    expect(residentMiB() - before).toBeLessThan(100);
    await Promise.all(idle.map(({ closed }) => closed));
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  /** Of two hundred some are more than a person may send in a minute: those have an answer at once, and go on sending. */
  it("P4 bodies that come a byte at a time are cut after half a minute, become no session, and hurt nobody", async () => {
    const begunAt = new Date().toISOString();
    const startedAt = performance.now();
    const slow = await openMany(200);
    const asAlice = `Host: ${portalHost()}\r\nAuthorization: Bearer ${apiAs("alice").secret}\r\n`;
    const head = `POST ${paths.sessions()} HTTP/1.1\r\n${asAlice}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n`;
    for (const { socket } of slow) socket.write(head);
    const drip = setInterval(() => {
      for (const { socket } of slow) socket.write(" ");
    }, 1000);
    await expectOthersUnhurt();
    await Promise.all(slow.map(({ closed }) => closed));
    clearInterval(drip);
    expect(performance.now() - startedAt).toBeLessThan(45_000);
    expect(await inDatabase('select id from "Session" where "submittedAt" >= $1', [begunAt])).toEqual([]);
  });

  it("P4 of a thousand event streams of one person twenty stay open, the rest are told why, and others have theirs", async () => {
    const { secret } = apiAs("alice");
    const answers: string[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 100 }, () => eventStream(secret)))));
    }
    expect(answers.filter((status) => status === "200")).toHaveLength(20);
    expect(answers.filter((status) => status === "429")).toHaveLength(980);
    expect(await eventStream(apiAs("bob").secret)).toBe("200");
    await expectOthersUnhurt();
  });

  it("P4 the portal is well", async () => {
    const { status, body } = await send(paths.health());
    expect(status).toBe(200);
    expect(JSON.parse(body).checks.database.ok).toBe(true);
  });
});
