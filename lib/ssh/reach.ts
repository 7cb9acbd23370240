// A cluster behind login nodes, as a Reach: every program runs as the person, over pooled connections that each logged in
// with a certificate of their own. Commands and tunnels never share a connection.
import { deadline, stopError, until } from "@/lib/clusters/deadline";
import { connectDirectly } from "@/lib/clusters/direct-connection";
import type { Reach, RunOptions, TerminalOptions } from "@/lib/clusters/run";
import { runPrograms } from "@/lib/clusters/run-programs";
import { PortalError } from "@/lib/errors";
import { metrics } from "@/lib/metrics";
import type { CertificateExtension } from "./certificate";
import { newIdentity } from "./certificate-authority";
import { type Connection, dial } from "./connection";
import { openRemoteShell } from "./exec";
import { pinnedKeys } from "./host-key";
import { loginNodes } from "./login-nodes";
import { type ConnectionPool, connectionPool } from "./pool";
import { hostNameSchema, portSchema, type SshReachConfig, unixUserSchema } from "./schema";
import { openTerminal } from "./terminal";
import { openTunnel, type Target } from "./tunnel";
import { turnstile } from "./turnstile";

/** sshd drops log-ins at random beyond its MaxStartups (default 10 at once). */
const LOGINS_AT_ONCE = 8;
const LOGINS_WAITING = 500;
/** MaxSessions does not count these. */
const TUNNELS_PER_CONNECTION = 100;
const TUNNEL_SECONDS = 15;

/** A terminal that is not open by then is not coming: sshd, a crowded pool, a hanging home. */
const TERMINAL_SECONDS = 20;

type Purpose = "commands" | "tunnel" | "terminal";

/** A certificate can do no more than its connection is for. */
const EXTENSIONS: Record<Purpose, CertificateExtension[]> = {
  commands: [],
  tunnel: ["permit-port-forwarding"],
  // No forwarding of any kind: what somebody types there can reach no further than the login node's own rights.
  terminal: ["permit-pty"],
};

export type SshReachOptions = {
  /** Named in certificates. */
  cluster?: string;
  /** The clock that certificates are dated by. */
  now?: () => Date;
};

function checkUser(user: string): void {
  if (unixUserSchema.safeParse(user).success) return;
  throw new PortalError("forbidden", "Not an account the portal can use", { accountRefused: true });
}

function checkTarget({ host, port }: Target): void {
  const isTarget = hostNameSchema.safeParse(host).success && portSchema.safeParse(port).success;
  if (!isTarget) throw new PortalError("invalid", "Not an address the portal can connect to");
}

/** Nothing in a key id may look like another field of it. */
const oneWord = (text: string): string => text.replace(/[^\w.:@-]/g, "_").slice(0, 80);

async function counted(cluster: string, dialling: Promise<Connection>): Promise<Connection> {
  const { sshLogins, sshConnections } = metrics();
  try {
    const connection = await dialling;
    sshLogins.inc({ cluster, outcome: "opened" });
    sshConnections.inc({ cluster });
    connection.onEnd(() => sshConnections.dec({ cluster }));
    return connection;
  } catch (error) {
    sshLogins.inc({ cluster, outcome: "failed" });
    throw error;
  }
}

/** Opens connections: a certificate first, then the first login node that works. */
function dialer(config: SshReachConfig, { cluster = "cluster", now = () => new Date() }: SshReachOptions) {
  const nodes = loginNodes(config.hosts, config.retryHostSeconds);
  const enter = turnstile(LOGINS_AT_ONCE, LOGINS_WAITING);
  const settings = { ...config, pinned: pinnedKeys(config.hostKeys) };
  const { ca, sourceAddress = [] } = config;
  return (user: string, purpose: Purpose, login: string) =>
    enter(async () => {
      nodes.failWhenAllAreDown();
      const keyId = `berth cluster=${cluster} user=${user} for=${purpose} login=${oneWord(login)}`;
      const request = { user, keyId, sourceAddress, extensions: EXTENSIONS[purpose], now: now() };
      const identity = await newIdentity(ca, request);
      return counted(
        cluster,
        nodes.attempt(user, (node) => dial(node, { user, identity, settings })),
      );
    });
}

/** A connection serves one login: its certificate, and so sshd's log, names who everything on it was done for. */
type Pools = { of(wanted: { user: string; purpose: Purpose; login: string }): ConnectionPool; close(): void };

function poolsOf(config: SshReachConfig, options: SshReachOptions): Pools {
  const pools = new Map<string, ConnectionPool>();
  const connect = dialer(config, options);
  const { idleSeconds, maxConnectionsPerUser: maxConnections, maxChannelsPerConnection } = config;
  let isClosed = false;

  const create: Pools["of"] = ({ user, purpose, login }) => {
    for (const [key, pool] of pools) if (pool.isEmpty()) pools.delete(key);
    const maxChannels = purpose === "tunnel" ? TUNNELS_PER_CONNECTION : maxChannelsPerConnection;
    const settings = { maxConnections, maxChannels, idleSeconds };
    return connectionPool({ ...settings, dial: () => connect(user, purpose, login) });
  };

  return {
    of(wanted) {
      if (isClosed) throw new PortalError("unavailable", "The portal is shutting down");
      const key = JSON.stringify([wanted.purpose, wanted.user, wanted.login]);
      const pool = pools.get(key) ?? create(wanted);
      pools.set(key, pool);
      return pool;
    },
    close() {
      isClosed = true;
      for (const pool of pools.values()) pool.close();
    },
  };
}

/** The cluster that `config` describes. Nothing is dialled before the first call. */
export function sshReach(config: SshReachConfig, options: SshReachOptions = {}): Reach {
  const pools = poolsOf(config, options);

  const openShell = async ({ user, login = "system" }: RunOptions, signal: AbortSignal) => {
    checkUser(user);
    return openRemoteShell({ pool: pools.of({ user, purpose: "commands", login }), signal }, user);
  };

  const tunnel = async (target: Target, user: string, login: string) => {
    const stop = deadline(TUNNEL_SECONDS);
    const request = { pool: pools.of({ user, purpose: "tunnel", login }), signal: stop.signal };
    const what = `The tunnel to ${target.host}:${target.port}`;
    const slow = () => stopError(stop.signal, `${what} did not open within ${TUNNEL_SECONDS} s`, what);
    return until(openTunnel(request, target), stop.signal, slow).finally(stop.clear);
  };

  const terminal = async (options: TerminalOptions) => {
    checkUser(options.user);
    const stop = deadline(TERMINAL_SECONDS);
    const pool = pools.of({ user: options.user, purpose: "terminal", login: options.login ?? "system" });
    const what = `A terminal for ${options.user}`;
    const slow = () => stopError(stop.signal, `${what} did not open within ${TERMINAL_SECONDS} s`, what);
    return until(openTerminal({ pool, signal: stop.signal }, options), stop.signal, slow).finally(stop.clear);
  };

  return {
    terminal,
    ...runPrograms({ openShell, shellStartSeconds: config.shellStartSeconds }),
    async connect(target, user, login = "system") {
      checkUser(user);
      checkTarget(target);
      if (config.apps === "direct") return connectDirectly(target.host, target.port, config.connectTimeoutSeconds);
      return tunnel(target, user, login);
    },
    close: async () => pools.close(),
  };
}
