// The link with a socket that never says that it is lost, as over a network that is gone.
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { type LinkStatus, openLink } from "@/components/terminals/link";

class DeadSocket {
  static OPEN = 1;
  static all: DeadSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  typed: Uint8Array[] = [];
  isClosed = false;
  onopen = () => {};
  onmessage = (_event: { data: string }) => {};
  onclose = (_event: { code: number; reason: string }) => {};
  constructor() {
    DeadSocket.all.push(this);
  }
  send(data: string | Uint8Array) {
    if (typeof data === "string") this.sent.push(data);
    else this.typed.push(data);
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
  const onLost = vi.fn();
  const link = openLink({ socket, ticket, size, ...on, onStatus: (status) => seen.push(status), onLost });
  onTestFinished(() => link.close());
  return { link, kind: () => seen.at(-1)?.kind, onLost };
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

const resume = { type: "resume", epoch: "e", seq: 0, size, isAnswered: false };
/** The number and the bytes of each piece that was typed on a connection. */
const typedOn = ({ typed }: DeadSocket) =>
  typed.map((frame) => ({
    number: Buffer.from(frame).readUInt32BE(),
    text: Buffer.from(frame.subarray(4)).toString(),
  }));
const textOn = (socket: DeadSocket) => typedOn(socket).reduce((all, { text }) => all + text, "");
const lengthOn = ({ typed }: DeadSocket) => typed.reduce((sum, frame) => sum + frame.length - 4, 0);

async function comeBack(message: object) {
  last().onclose({ code: 1006, reason: "" });
  await vi.advanceTimersByTimeAsync(1000);
  const socket = last();
  socket.open();
  socket.say(message);
  return socket;
}

const pasted = Array.from({ length: 2 ** 19 }, (_none, at) => String(at).padStart(8, "."))
  .join("")
  .slice(0, 4 * 1024 * 1024);
const window = 256 * 1024;

it("sends of a large paste only what the portal keeps, and the rest as the shell takes it", async () => {
  const { link, socket, onLost } = await attach();
  link.type(Buffer.from(pasted));
  link.type(Buffer.from("\x03"));
  await vi.advanceTimersByTimeAsync(14_000);
  expect([DeadSocket.all.length, lengthOn(socket)]).toEqual([1, window]);
  let taken = 0;
  for (let times = 0; lengthOn(socket) <= pasted.length && times < 300; times += 1) {
    const frame = Buffer.from(socket.typed[times] ?? "none");
    taken += frame.length - 4;
    socket.say({ type: "typed", typed: frame.readUInt32BE() });
    expect(lengthOn(socket) - taken).toBeLessThanOrEqual(window);
  }
  expect(textOn(socket) === `${pasted}\x03`).toBe(true);
  expect(onLost).not.toHaveBeenCalled();
});

it("goes on with a paste on the next connection behind what the shell has taken", async () => {
  const { link, socket } = await attach();
  link.type(Buffer.from(pasted));
  const [first, second] = typedOn(socket);
  const again = await comeBack({ ...resume, typed: second?.number ?? 0 });
  const taken = `${first?.text}${second?.text}`.length;
  expect(textOn(again) === pasted.slice(taken, taken + window)).toBe(true);
});

it("says when what was typed gets lost: too much without a connection, or a shell that nobody knows to have had it", async () => {
  const { link, socket, onLost } = await attach();
  socket.onclose({ code: 1006, reason: "" });
  link.type(Buffer.from("kept"));
  expect(onLost).not.toHaveBeenCalled();
  link.type(Buffer.from(pasted));
  // Said once, not for each key.
  link.type(Buffer.from(pasted));
  expect(onLost).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1000);
  last().open();
  last().say({ ...resume, typed: 0 });
  expect(textOn(last())).toBe("kept");
  const other = await comeBack({ ...resume, epoch: "another", typed: 0 });
  expect([textOn(other), onLost.mock.calls.length]).toEqual(["", 2]);
  await comeBack({ ...resume, epoch: "a third", typed: 0 });
  expect(onLost).toHaveBeenCalledTimes(2);
});
