// For tests of terminals: the sockets behind the portal's own front on a real port, and people's viewers of them.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll } from "vitest";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useSlurm } from "@/dev/test-slurm";
import { isOpen, shows, socketWith, type TestViewer, viewTerminal } from "@/dev/test-viewer";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { makeFront } from "@/lib/gateway/front";
import { endTerminal } from "@/lib/terminals/change-terminal";
import { createTerminal } from "@/lib/terminals/create-terminal";
import { type OpenTerminals, startTerminals } from "@/lib/terminals/open-terminals";
import type { ScreenSize } from "@/lib/terminals/schema";
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

/** A socket as the portal's own page opens it for this person. */
export const pageSocket = (url: string, cookie: string, origin = config().url): WebSocket =>
  socketWith(url, { origin, cookie });

export const socketUrl = (port: number, id: string): string => `ws://localhost:${port}/api/terminals/${id}/socket`;

type Viewing = { server: TerminalServer; person: TestPerson; id: string; size?: ScreenSize };

/** A viewer as this person's own page opens it. */
export const view = ({ server, person, id, size }: Viewing): TestViewer =>
  viewTerminal({
    socket: () => pageSocket(socketUrl(server.port, id), person.cookie),
    ticket: async () => (await issueTerminalTicket(person.actor, id)).ticket,
    size,
  });

/** The tmux that holds a person's terminals, as one writes it in a shell. */
export const ourTmux = `tmux -S "$HOME/.berth/tmux/$(uname -n).\${SSH_CONNECTION##* }"`;

/** What speaks to it. */
export const inTmux = (...words: string[]): string[] => ["sh", "-c", `exec ${ourTmux} "$@"`, "sh", ...words];

export type Ground = {
  alice: TestPerson;
  server: TerminalServer;
  /** Of alice, on the real Slurm's login node; ended after the test. */
  create: (wish?: { folder?: string; sessionId?: string }) => Promise<string>;
  /** A viewer of hers, or of `person`. */
  look: (id: string, size?: ScreenSize, person?: TestPerson) => TestViewer;
  /** The same, once the shell's prompt is there. */
  ready: (id: string, size?: ScreenSize) => Promise<TestViewer>;
};

/** Terminals of the real sshd of cluster/up, without tmux unless a test says otherwise. Call after useDatabase(). */
export function useTerminals(): Ground {
  let directory = "";
  const open: TestViewer[] = [];
  const ids: string[] = [];
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
    rmSync(directory, { recursive: true, force: true });
  });
  return ground;
}
