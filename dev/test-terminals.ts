// For tests of terminals: the sockets behind the portal's own front on a real port, and viewers that are the browser's own
// link with a screen that nobody sees.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import headless from "@xterm/headless";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type Link, type LinkStatus, openLink } from "@/components/terminals/link";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { makeFront } from "@/lib/gateway/front";
import { endTerminal } from "@/lib/terminals/change-terminal";
import { createTerminal } from "@/lib/terminals/create-terminal";
import { type OpenTerminals, startTerminals } from "@/lib/terminals/open-terminals";
import { terminalSockets } from "@/lib/terminals/serve-terminal";
import { issueTerminalTicket } from "@/lib/terminals/tickets";

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  // A listening TCP server has an address with a port.
  return (address as { port: number }).port;
}

export type TerminalServer = { port: number; stop: () => Promise<void> };

type Served = { terminals?: OpenTerminals; silenceMs?: number };

/** What server.ts makes of them, on `port`, which is the one of config().url; or of `terminals` that a test made up. */
export async function serveTerminals(port: number, { terminals, silenceMs }: Served = {}): Promise<TerminalServer> {
  const sockets = terminalSockets(terminals ?? (await startTerminals()), { silenceMs });
  const policy = {
    ...{ url: config().url, appsHosts: "*.apps.localhost:3000", issuer: "http://idp.localhost" },
    ...{ production: true, trustedProxies: [] },
  };
  const onError = (error: unknown) => console.error(error);
  const server = makeFront({ policy, pages: null, gateway: null, terminals: sockets, devSocket: null, onError });
  await once(server.listen(port, "127.0.0.1"), "listening");
  const stop = async () => {
    await sockets.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { port, stop };
}

type SocketOptions = { headers: Record<string, string> };
// Node's own WebSocket takes headers beside the address; the type is the browser's, which does not.
const NodeSocket = WebSocket as unknown as new (url: string, options: SocketOptions) => WebSocket;

/** A socket as the portal's own page opens it for this person. */
export const pageSocket = (url: string, cookie: string, origin = config().url): WebSocket =>
  new NodeSocket(url, { headers: { origin, cookie } });

export const socketUrl = (port: number, id: string): string => `ws://localhost:${port}/api/terminals/${id}/socket`;

export type TestViewer = {
  link: Link;
  status: () => LinkStatus;
  /** Everything that came as output, in order; starts anew where the screen was redrawn. */
  output: () => string;
  received: () => number;
  redraws: () => number;
  /** Columns and rows of the screen. */
  size: () => string;
  /** What is on the screen and above it. */
  screen: () => Promise<string>;
  type: (text: string) => void;
  /** Cuts the connection as a dropped network does; the link comes back by itself. */
  drop: () => void;
  /** From now on nothing is drawn, so nothing is acknowledged. */
  stall: () => void;
  close: () => void;
};

type Viewing = { server: TerminalServer; person: TestPerson; id: string; size?: { cols: number; rows: number } };

/** Opens a viewer. The browser's WebSocket is replaced for the moment of each connection, because Node's sends no cookie. */
export function view({ server, person, id, size = { cols: 80, rows: 24 } }: Viewing): TestViewer {
  const terminal = new headless.Terminal({ ...size, scrollback: 5000, allowProposedApi: true });
  // The page's widths. Add-ons are written against the terminal of browsers.
  terminal.loadAddon(new UnicodeGraphemesAddon() as unknown as Parameters<typeof terminal.loadAddon>[0]);
  const text = new TextDecoder();
  const seen = { output: "", received: 0, redraws: 0, isStalled: false };
  let status: LinkStatus = { kind: "connecting" };
  let socket: WebSocket | null = null;
  class Socket {
    static OPEN = WebSocket.OPEN;
    constructor(url: string) {
      socket = pageSocket(url, person.cookie);
      // biome-ignore lint/correctness/noConstructorReturn: stands in for the browser's class.
      return socket;
    }
  }
  const ticket = async () => {
    Reflect.set(globalThis, "WebSocket", Socket);
    return (await issueTerminalTicket(person.actor, id)).ticket;
  };
  const link = openLink({
    url: socketUrl(server.port, id),
    ticket,
    size,
    onOutput: (bytes, drawn) => {
      seen.output += text.decode(bytes, { stream: true });
      seen.received += bytes.length;
      if (!seen.isStalled) terminal.write(bytes, drawn);
    },
    onScreen: (screen, to, drawn) => {
      seen.redraws += 1;
      seen.output = "";
      terminal.reset();
      terminal.resize(to.cols, to.rows);
      terminal.write(screen, drawn);
    },
    onSize: (to) => terminal.resize(to.cols, to.rows),
    onStatus: (now) => {
      status = now;
    },
  });
  const screen = async () => {
    await new Promise<void>((done) => terminal.write("", done));
    const { active } = terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_none, at) => active.getLine(at)?.translateToString(true) ?? "",
    );
    return lines.join("\n").trimEnd();
  };
  return {
    link,
    status: () => status,
    output: () => seen.output,
    received: () => seen.received,
    redraws: () => seen.redraws,
    size: () => `${terminal.cols}x${terminal.rows}`,
    screen,
    type: (keys) => link.type(new TextEncoder().encode(keys)),
    drop: () => socket?.close(4000),
    stall: () => {
      seen.isStalled = true;
    },
    close: () => link.close(),
  };
}

export const shows = (viewer: TestViewer, text: string | RegExp) =>
  expect.poll(() => viewer.screen(), { timeout: 20_000 }).toMatch(text);
export const isOpen = (viewer: TestViewer) => expect.poll(viewer.status, { timeout: 20_000 }).toEqual({ kind: "open" });

/** What speaks to the tmux that holds a person's terminals. */
export const inTmux = (...words: string[]): string[] => [
  ...["sh", "-c", 'exec tmux -S "$HOME/.berth/tmux/$(uname -n)" "$@"', "sh"],
  ...words,
];

export type Ground = {
  alice: TestPerson;
  server: TerminalServer;
  /** Of alice, on the real Slurm's login node; ended after the test. */
  create: (wish?: { folder?: string; sessionId?: string }) => Promise<string>;
  /** A viewer of hers, or of `person`. */
  look: (id: string, size?: { cols: number; rows: number }, person?: TestPerson) => TestViewer;
  /** The same, once the shell's prompt is there. */
  ready: (id: string, size?: { cols: number; rows: number }) => Promise<TestViewer>;
};

/** Terminals of the real sshd of cluster/up, without tmux unless a test says otherwise. Call after useDatabase(). */
export function useTerminals(): Ground {
  let directory = "";
  const open: TestViewer[] = [];
  const ids: string[] = [];
  const browserSocket = WebSocket;
  const look: Ground["look"] = (id, size, person = ground.alice) => {
    const viewer = view({ server: ground.server, person, id, size });
    open.push(viewer);
    return viewer;
  };
  // The first two are there before a test begins.
  const ground = {
    look,
    create: async (wish = {}) => {
      const { id } = await createTerminal(ground.alice.actor, { cluster: "hpc", ...wish });
      ids.push(id);
      return id;
    },
    ready: async (id, size) => {
      const viewer = look(id, size);
      await isOpen(viewer);
      await shows(viewer, /\$ *$/);
      return viewer;
    },
  } as Ground;
  beforeAll(async () => {
    directory = useSlurm("~/berth-sessions-test");
    config().terminals.tmux = "never";
    const port = await freePort();
    config().url = `http://localhost:${port}`;
    ground.alice = await signInPerson("alice");
    ground.server = await serveTerminals(port);
  });
  afterEach(async () => {
    for (const viewer of open.splice(0)) viewer.close();
    for (const id of ids.splice(0)) await endTerminal(ground.alice.actor, id);
    config().terminals.tmux = "never";
  });
  afterAll(async () => {
    await ground.server.stop();
    await cluster("hpc").reach.close();
    Reflect.set(globalThis, "WebSocket", browserSocket);
    rmSync(directory, { recursive: true, force: true });
  });
  return ground;
}
