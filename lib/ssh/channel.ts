// Opening one channel on a pooled connection. A connection that turns out to be dead, full or silent costs a second try on
// another one, not an error: nothing has been sent to the cluster yet.
import type { Client, ClientChannel } from "ssh2";
import { deadline, until } from "@/lib/clusters/deadline";
import { PortalError } from "@/lib/errors";
import type { Connection } from "./connection";
import type { ConnectionPool, Lease } from "./pool";

/** RFC 4254 5.1; absent when the connection broke. */
export type OpenFailure = Error & { reason?: number };

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

export type ChannelRequest = {
  pool: ConnectionPool;
  signal: AbortSignal;
  open(client: Client, opened: Opened): void;
  /** The fault to report when sshd refused, or null to try another connection. */
  refused(failure: OpenFailure, connection: Connection): PortalError | null;
};

export type LeasedChannel = { channel: ClientChannel; connection: Connection; release(): void };

/** How long a pooled connection may take to answer before another is tried; the last one gets more time. */
const PATIENCE_SECONDS = [2, 2, 8];

const TOO_SLOW = new Error("The connection does not answer");

function opening(connection: Connection, open: ChannelRequest["open"]): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    // ssh2 throws where the socket is known to be closed, and calls back where it learns of it later.
    open(connection.client, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** A channel that comes after we stopped waiting is closed again, and only then makes room for another. */
function disposeLate(promise: Promise<ClientChannel>, lease: Lease): void {
  const dispose = (channel: ClientChannel) => {
    channel.once("close", lease.release);
    channel.resume();
    channel.stderr?.resume();
    channel.close();
  };
  promise.then(dispose, lease.release);
}

/** The channel, or null when another connection should be tried. */
async function openOn(lease: Lease, request: ChannelRequest, seconds: number): Promise<ClientChannel | null> {
  const { connection } = lease;
  const patience = deadline(seconds, request.signal);
  const promise = opening(connection, request.open);
  try {
    return await until(promise, patience.signal, () => TOO_SLOW);
  } catch (error) {
    if (error === TOO_SLOW) {
      disposeLate(promise, lease);
      if (request.signal.aborted) throw error;
      lease.noteSilent();
      return null;
    }
    // What ssh2 calls back with is an Error, with the reason that sshd gave.
    const fault = connection.isOpen() ? request.refused(error as OpenFailure, connection) : null;
    if (fault || !connection.isOpen()) lease.release();
    else lease.releaseAsFull();
    if (fault) throw fault;
    return null;
  } finally {
    patience.clear();
  }
}

/** Opens a channel, on a second or third connection where need be. Throws PortalError. */
export async function openChannel(request: ChannelRequest): Promise<LeasedChannel> {
  const { pool, signal } = request;
  for (const seconds of PATIENCE_SECONDS) {
    const lease = await pool.lease(signal);
    const channel = await openOn(lease, request, seconds);
    if (channel) return { channel, connection: lease.connection, release: lease.release };
  }
  throw new PortalError("cluster", "The login node opens no channel on any connection", { retryAfterSeconds: 5 });
}
