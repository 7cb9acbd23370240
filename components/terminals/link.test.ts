// The link with a socket that never says that it is lost, as over a network that is gone.
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { type LinkStatus, openLink } from "@/components/terminals/link";

class DeadSocket {
  static OPEN = 1;
  static all: DeadSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  isClosed = false;
  onopen = () => {};
  onmessage = (_event: { data: string }) => {};
  onclose = (_event: { code: number; reason: string }) => {};
  constructor() {
    DeadSocket.all.push(this);
  }
  send(data: string) {
    this.sent.push(data);
  }
  /** The other end never answers, so nobody hears of it. */
  close() {
    this.isClosed = true;
  }
  open() {
    this.readyState = DeadSocket.OPEN;
    this.onopen();
  }
  say(message: object) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

const size = { cols: 80, rows: 24 };
const pings = ({ sent }: DeadSocket) => sent.filter((data) => data.includes("ping")).length;
const last = () => DeadSocket.all.at(-1) as DeadSocket;

beforeEach(() => {
  vi.useFakeTimers();
  DeadSocket.all = [];
});
afterEach(() => void vi.useRealTimers());

function begin(ticket = async () => "ticket") {
  const seen: LinkStatus[] = [];
  const nothing = () => {};
  const on = { onOutput: nothing, onScreen: nothing, onSize: nothing };
  // As much of a socket as the link asks of one.
  const socket = () => new DeadSocket() as unknown as WebSocket;
  const link = openLink({ socket, ticket, size, ...on, onStatus: (status) => seen.push(status) });
  onTestFinished(() => link.close());
  return { link, kind: () => seen.at(-1)?.kind };
}

async function attach() {
  const begun = begin();
  await vi.advanceTimersByTimeAsync(0);
  const socket = last();
  socket.open();
  socket.say({ type: "resume", epoch: "e", seq: 0, typed: 0, size, isAnswered: false });
  expect(begun.kind()).toBe("open");
  return { ...begun, socket };
}

it("comes back at once when an answer is missing, without waiting for the goodbye of the lost one", async () => {
  const { kind, socket } = await attach();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(pings(socket)).toBe(1);
  await vi.advanceTimersByTimeAsync(9_900);
  expect(kind()).toBe("open");
  await vi.advanceTimersByTimeAsync(200);
  expect([kind(), socket.isClosed]).toEqual(["waiting", true]);
  await vi.advanceTimersByTimeAsync(1000);
  expect([kind(), DeadSocket.all.length]).toEqual(["connecting", 2]);
  // What the lost one says at last is of no use.
  socket.say({ type: "ended", detail: "" });
  socket.onclose({ code: 4401, reason: "" });
  expect(kind()).toBe("connecting");
});

it("asks when the page or the network is back, and does not wait long for the answer", async () => {
  const { link, kind, socket } = await attach();
  link.retry();
  expect(pings(socket)).toBe(1);
  socket.say({ type: "pong" });
  await vi.advanceTimersByTimeAsync(3000);
  expect(kind()).toBe("open");
  link.retry();
  await vi.advanceTimersByTimeAsync(1000);
  // Behind much output an answer comes late.
  socket.say({ type: "typed", typed: 0 });
  await vi.advanceTimersByTimeAsync(3000);
  expect(kind()).toBe("open");
  link.retry();
  await vi.advanceTimersByTimeAsync(2100);
  expect(kind()).toBe("waiting");
});

it("gives a connection ten seconds to come about, and a shell longer to open", async () => {
  const { kind } = begin();
  await vi.advanceTimersByTimeAsync(9900);
  expect([kind(), DeadSocket.all.length]).toEqual(["connecting", 1]);
  await vi.advanceTimersByTimeAsync(200);
  expect(kind()).toBe("waiting");
  await vi.advanceTimersByTimeAsync(1000);
  const socket = last();
  socket.open();
  await vi.advanceTimersByTimeAsync(14_000);
  expect([kind(), last()]).toEqual(["connecting", socket]);
});

it("does nothing with a ticket that comes too late", async () => {
  const tickets = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let asked = 0;
  const { kind } = begin(() => tickets[asked++]?.promise ?? Promise.reject(new Error("asked too often")));
  await vi.advanceTimersByTimeAsync(12_000);
  expect([kind(), asked]).toEqual(["connecting", 2]);
  tickets[0]?.resolve("late");
  await vi.advanceTimersByTimeAsync(0);
  expect(DeadSocket.all).toHaveLength(0);
  tickets[1]?.resolve("in time");
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  expect(last().sent[0]).toContain("in time");
});

it("tells the size of a window that changed while the shell opened, and no other", async () => {
  const { link, kind } = begin();
  await vi.advanceTimersByTimeAsync(0);
  const socket = last();
  socket.open();
  link.resize({ cols: 100, rows: 30 });
  socket.say({ type: "resume", epoch: "e", seq: 0, typed: 0, size, isAnswered: false });
  expect(kind()).toBe("open");
  const told = () => socket.sent.map((data) => JSON.parse(data)).filter(({ type }) => type === "resize");
  expect(told()).toEqual([{ type: "resize", cols: 100, rows: 30 }]);
  link.resize({ cols: 90, rows: 30 });
  expect(told()).toHaveLength(2);
});

it("tells no size anew that was told with the ticket", async () => {
  const { socket } = await attach();
  expect(socket.sent.filter((data) => data.includes("resize"))).toEqual([]);
});
