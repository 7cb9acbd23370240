// A TCP proxy that misbehaves on demand, for tests of what a network may do between the portal and a server: sshd, the
// identity provider, PostgreSQL. It starts as a plain relay.
import { connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

export type Target = { host: string; port: number };

export type FaultProxy = {
  host: string;
  port: number;
  /** Connections that are open now, all there ever were, and those that this proxy reset. */
  open: () => number;
  accepted: () => number;
  resets: () => number;
  /** How long the oldest of the open connections has been there. */
  oldestSeconds: () => number;
  /** Resets every connection; new ones work. */
  cut: () => void;
  /** Stops moving bytes on the connections that are open now, and closes nothing; new ones work. */
  freeze: () => void;
  /** Passes nothing on any more, and closes nothing: a cable pulled out. New connections are accepted and hear nothing. */
  silence: () => void;
  /** Nobody listens any more; open connections are reset. */
  refuse: () => Promise<void>;
  /** Each piece of data is this much late, both ways. */
  delay: (milliseconds: number) => void;
  /** A connection is reset after so many more bytes, counted both ways. */
  limit: (bytes: number) => void;
  /**
   * The next bytes from a client that hold `text`: the connection is reset before they are passed on, or at their answer.
   * Of several texts the last counts, on a connection that sent the others before.
   */
  cutAt: (text: string | string[], when: "before" | "after") => void;
  /** A plain relay again. What was frozen goes on. */
  heal: () => Promise<void>;
  close: () => Promise<void>;
};

type Cut = { texts: string[]; when: "before" | "after" };
/** `seen`: how many of the cut's texts its client has sent. */
type Pair = { near: Socket; far: Socket | null; bytes: number; seen: number; isCutAtAnswer: boolean; openedAt: number };

type State = {
  /** Read at each connection, so that a server may move. */
  target: Target;
  pairs: Set<Pair>;
  /** Those whose bytes do not move, and what lets them move again. */
  held: Map<Pair, (() => void)[]>;
  isSilent: boolean;
  delayMs: number;
  limitBytes: number;
  cut: Cut | null;
  accepted: number;
  resets: number;
};

function reset(state: State, pair: Pair): void {
  if (!state.pairs.delete(pair)) return;
  state.resets += 1;
  for (const socket of [pair.near, pair.far]) socket?.resetAndDestroy();
}

/** The cut that these bytes cause: once, on the connection whose client has sent all its texts in their order. */
function cutBy({ cut }: State, pair: Pair, bytes: Buffer): Cut | null {
  while (cut && pair.seen < cut.texts.length && bytes.includes(cut.texts[pair.seen] ?? "")) pair.seen += 1;
  return cut && pair.seen >= cut.texts.length ? cut : null;
}

/** True when these bytes must not be passed on, because they ended the connection. */
function endsAt(state: State, pair: Pair, { bytes, isAnswer }: { bytes: Buffer; isAnswer: boolean }): boolean {
  pair.bytes += bytes.length;
  const wanted = isAnswer ? null : cutBy(state, pair, bytes);
  if (wanted) state.cut = null;
  const isOver = pair.bytes > state.limitBytes || wanted?.when === "before" || (isAnswer && pair.isCutAtAnswer);
  if (wanted?.when === "after") pair.isCutAtAnswer = true;
  if (isOver) reset(state, pair);
  return isOver;
}

function shaper(state: State, pair: Pair, isAnswer: boolean): Transform {
  return new Transform({
    transform(bytes: Buffer, _encoding, passed) {
      const pass = () => {
        if (!endsAt(state, pair, { bytes, isAnswer })) passed(null, bytes);
      };
      const later = () => (state.delayMs > 0 ? void setTimeout(pass, state.delayMs) : pass());
      const waiting = state.held.get(pair);
      if (waiting) waiting.push(later);
      else later();
    },
  });
}

function relay(state: State, near: Socket): void {
  state.accepted += 1;
  const far = state.isSilent ? null : connect({ ...state.target, noDelay: true, allowHalfOpen: true });
  const pair: Pair = { near, far, bytes: 0, seen: 0, isCutAtAnswer: false, openedAt: performance.now() };
  state.pairs.add(pair);
  if (state.isSilent) state.held.set(pair, []);
  const ended = () => {
    state.pairs.delete(pair);
    state.held.delete(pair);
    near.destroy();
    far?.destroy();
  };
  for (const socket of [near, far]) socket?.on("error", ended).once("close", ended);
  if (far)
    near
      .pipe(shaper(state, pair, false))
      .pipe(far)
      .pipe(shaper(state, pair, true))
      .pipe(near);
}

function hold(state: State): void {
  for (const pair of state.pairs) if (!state.held.has(pair)) state.held.set(pair, []);
}

function release(state: State): void {
  const waiting = [...state.held.values()].flat();
  // Accepted while the cable was out: such a connection never had an other end.
  const [deaf, alive] = [[...state.held.keys()].filter(({ far }) => !far), state.held];
  alive.clear();
  for (const pair of deaf) reset(state, pair);
  for (const go of waiting) go();
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Listens on `port` (default: a free one) and relays to `target`, whose fields may be changed later. */
export async function faultProxy(target: Target, port = 0): Promise<FaultProxy> {
  const calm = { isSilent: false, delayMs: 0, limitBytes: Number.POSITIVE_INFINITY, cut: null };
  const state: State = { target, pairs: new Set(), held: new Map(), ...calm, accepted: 0, resets: 0 };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => relay(state, near));
  await listenOn(server, port);
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The proxy has no port");
  const cut = () => {
    for (const pair of [...state.pairs]) reset(state, pair);
  };
  const refuse = async () => {
    const closed = server.listening ? new Promise((done) => server.close(done)) : null;
    cut();
    await closed;
  };
  return {
    host: "127.0.0.1",
    port: address.port,
    open: () => state.pairs.size,
    accepted: () => state.accepted,
    resets: () => state.resets,
    oldestSeconds: () => Math.max(0, ...[...state.pairs].map(({ openedAt }) => performance.now() - openedAt)) / 1000,
    cut,
    freeze: () => hold(state),
    silence: () => {
      state.isSilent = true;
      hold(state);
    },
    refuse,
    delay: (milliseconds) => Object.assign(state, { delayMs: milliseconds }),
    limit: (bytes) => {
      for (const pair of state.pairs) pair.bytes = 0;
      state.limitBytes = bytes;
    },
    cutAt: (text, when) => {
      for (const pair of state.pairs) pair.seen = 0;
      state.cut = { texts: [text].flat(), when };
    },
    heal: async () => {
      Object.assign(state, calm);
      release(state);
      if (!server.listening) await listenOn(server, address.port);
    },
    close: refuse,
  };
}
