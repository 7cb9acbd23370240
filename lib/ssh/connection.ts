// One SSH connection: TCP, the host key check, and the log-in with a certificate, each with its own time-out and sentence.
// Nothing about the person is sent before the host key is known to be one of the pinned.
import { connect as connectTcp, type Socket } from "node:net";
import ssh2, { type Client, type ConnectConfig, type PublicKeyAuthMethod } from "ssh2";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import type { Identity } from "./certificate-authority";
import type { PinnedKeys } from "./host-key";
import { allowCertificate, certificateKey, prepareKeys } from "./internals";
import { fingerprint } from "./public-key";
import type { SshReachConfig } from "./schema";

/** For the other side to answer our goodbye; after that the socket is cut. */
const CLOSE_SECONDS = 2;
const MOST_WORDS = 1000;
const READ_BYTES = 256 * 1024;

export type LoginNode = SshReachConfig["hosts"][number];

export type Connection = {
  client: Client;
  node: LoginNode;
  openedAt: number;
  isOpen(): boolean;
  close(): void;
  /** Runs `listener` once the connection is gone, however that came about. Returns how to take it back. */
  onEnd(listener: () => void): () => void;
};

export type DialSettings = Pick<
  SshReachConfig,
  "connectTimeoutSeconds" | "handshakeTimeoutSeconds" | "keepaliveSeconds"
> & { pinned: PinnedKeys };

/** A failure of the login node itself, as opposed to one of this person: another node may do better. */
export class NodeFailure extends Error {
  readonly fault: PortalError;
  constructor(fault: PortalError) {
    super(fault.message, { cause: fault });
    this.fault = fault;
  }
}

/**
 * It ended the connection in good order where its yes or no was due. So sshd refuses whom PAM does not admit (auth2.c), and
 * so does a node that goes down just then: once is a doubt, twice is a refusal of this account.
 */
export class HungUp extends PortalError {}

const nodeFailure = (code: "cluster" | "cluster_timeout", message: string, cause?: Error): NodeFailure =>
  new NodeFailure(new PortalError(code, message, { words: cause?.message, cause }));

const nameOf = ({ host, port }: LoginNode): string => (port === 22 ? host : `${host}:${port}`);

/** While memory is lent, bytes are gone once the listeners to `data` have returned, and cost no new memory. */
type LoginSocket = Socket & { lend: (isLent: boolean) => void };

/** Node would read each piece into 64 KiB of new memory, for V8 to find again. */
function socketTo({ host, port }: LoginNode): LoginSocket {
  // One for all connections: what came is used up or copied before anything else is read.
  const memory = once("ssh.read-memory", () => Buffer.allocUnsafeSlow(READ_BYTES));
  let isLent = false;
  const onRead = (length: number): boolean => {
    const bytes = memory.subarray(0, length);
    if (isLent) socket.emit("data", bytes);
    else socket.push(Buffer.from(bytes));
    return true;
  };
  const onread = { buffer: memory, callback: onRead };
  const socket: Socket = connectTcp({ host, port, noDelay: true, keepAlive: true, onread });
  const lend = (now: boolean) => {
    isLent = now;
  };
  return Object.assign(socket, { lend });
}

function openSocket(node: LoginNode, seconds: number): Promise<LoginSocket> {
  const name = nameOf(node);
  const socket = socketTo(node);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(nodeFailure("cluster_timeout", `Login node ${name} did not answer within ${seconds} s`));
    }, seconds * 1000);
    socket.once("error", (cause) => {
      clearTimeout(timer);
      reject(nodeFailure("cluster", `Login node ${name} cannot be reached`, cause));
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

type Refusal = { node: LoginNode; user: string; handshakeTimeoutSeconds: number; wrongKey: Uint8Array | null };

/** `MaxAuthTries 1` of sshd_config(5): instead of a no. */
const SENT_AWAY = /too many authentication failures/i;

/** ssh2 tells its failures apart by `level` and text. */
function refusalOf(cause: Error & { level?: string }, { node, user, ...rest }: Refusal): Error {
  const name = nameOf(node);
  const words = cause.message;
  if (rest.wrongKey) {
    const shown = fingerprint(rest.wrongKey);
    const message = `Login node ${name} showed a host key that is not pinned (${shown}): nothing was sent; see docs/operations.md`;
    return nodeFailure("cluster", message);
  }
  if (cause.level === "client-authentication" || SENT_AWAY.test(words)) {
    const message = `Login node ${name} refused ${user}: certificate not trusted, or clocks differ; see docs/operations.md`;
    return new PortalError("cluster", message, { words, cause, accountRefused: true });
  }
  if (cause.level === "client-timeout") {
    const message = `Login node ${name} accepted the connection but did not finish the handshake within ${rest.handshakeTimeoutSeconds} s`;
    return nodeFailure("cluster_timeout", message);
  }
  if (/no matching .*host key/i.test(words)) {
    const message = `Login node ${name} offers none of the pinned host keys with an accepted algorithm (SHA-1 is refused): nothing was sent; see docs/operations.md`;
    return nodeFailure("cluster", message, cause);
  }
  return nodeFailure("cluster", `Login node ${name} broke off the handshake`, cause);
}

/** `banner`: what the node said to the person at last; PAM's words come that way. */
function hungUp(node: LoginNode, user: string, banner: string): HungUp {
  const message = `Login node ${nameOf(node)} closed the connection when ${user} logged in: the account is expired or not admitted there (PAM); see docs/operations.md`;
  const words = banner.trim().slice(0, MOST_WORDS) || undefined;
  return new HungUp("cluster", message, { words, accountRefused: true });
}

function connectConfig(identity: Identity, user: string, settings: DialSettings): ConnectConfig {
  const certificate: PublicKeyAuthMethod = { type: "publickey", username: user, key: certificateKey(identity) };
  return {
    username: user,
    authHandler: [certificate],
    readyTimeout: settings.handshakeTimeoutSeconds * 1000,
    keepaliveInterval: settings.keepaliveSeconds * 1000,
    keepaliveCountMax: 3,
    algorithms: {
      serverHostKey: settings.pinned.algorithms,
      hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
      compress: ["none"],
    },
  };
}

function connectionOf(client: Client, sock: Socket, node: LoginNode): Connection {
  let isOpen = true;
  const listeners = new Set<() => void>();
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    for (const listener of listeners) listener();
  };
  client.once("close", end).once("end", end);
  return {
    client,
    node,
    openedAt: performance.now(),
    isOpen: () => isOpen,
    close: () => {
      client.end();
      setTimeout(() => sock.destroy(), CLOSE_SECONDS * 1000).unref();
    },
    onEnd: (listener) => {
      if (isOpen) listeners.add(listener);
      else listener();
      return () => listeners.delete(listener);
    },
  };
}

/**
 * ssh2 writes each packet in three pieces. Gathered, with those of everybody else for whom something came at the same time, they
 * are one system call here and one wake-up of sshd there.
 */
function gatherWrites(sock: Socket): void {
  const write = sock.write.bind(sock) as (...args: unknown[]) => boolean;
  sock.write = (...args: unknown[]) => {
    if (sock.writableCorked === 0) {
      sock.cork();
      setImmediate(() => sock.uncork());
    }
    return write(...args);
  };
}

type DialOptions = { user: string; identity: Identity; settings: DialSettings };

/**
 * Logs in to `node`. Throws NodeFailure when the node is at fault (unreachable, silent, wrong host key), HungUp when it may be
 * either, and PortalError `cluster` when it refused this certificate.
 */
export async function dial(node: LoginNode, { user, identity, settings }: DialOptions): Promise<Connection> {
  const sock = await openSocket(node, settings.connectTimeoutSeconds);
  gatherWrites(sock);
  const client = new ssh2.Client();
  let wrongKey: Uint8Array | null = null;
  let isSigned = false;
  let banner = "";
  const hostVerifier = (key: Buffer) => {
    if (settings.pinned.has(key)) return true;
    wrongKey = Buffer.from(key);
    return false;
  };
  return new Promise((resolve, reject) => {
    // Errors go on coming after the first; without a listener they would end the process.
    client.on("error", (cause) => {
      reject(refusalOf(cause, { node, user, wrongKey, handshakeTimeoutSeconds: settings.handshakeTimeoutSeconds }));
      sock.destroy();
    });
    client.on("banner", (words) => {
      banner = words;
    });
    client.once("close", () => {
      if (isSigned) reject(hungUp(node, user, banner));
      else reject(nodeFailure("cluster", `Login node ${nameOf(node)} closed the connection`));
    });
    client.once("ready", () => resolve(connectionOf(client, sock, node)));
    client.connect({ ...connectConfig(identity, user, settings), sock, hostVerifier });
    allowCertificate(client, identity, () => {
      isSigned = true;
    });
    prepareKeys(client, sock.lend);
  });
}
