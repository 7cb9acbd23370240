// TCP connections through a login node (direct-tcpip, RFC 4254 7.2), as streams that behave like sockets: half-close,
// back-pressure both ways, and an error instead of a clean end when the SSH connection breaks.
import { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { PortalError } from "@/lib/errors";
import { type ChannelRequest, type LeasedChannel, type OpenFailure, openChannel } from "./channel";
import { sawEndOfFile } from "./internals";

const PROHIBITED = 1;

export type Target = { host: string; port: number };

function refusal({ host, port }: Target, failure: OpenFailure, node: string): PortalError {
  const words = failure.message;
  if (failure.reason !== PROHIBITED) {
    return new PortalError("cluster", `${host}:${port} cannot be reached from login node ${node}`, { words });
  }
  const message = `Login node ${node} does not forward connections (AllowTcpForwarding); see docs/operations.md`;
  return new PortalError("cluster", message, { words });
}

/** Ends `duplex` the way the channel ended. Bytes that arrived before are still delivered. */
function followEnd(duplex: Duplex, { channel, connection, release }: LeasedChannel, { host, port }: Target): void {
  let isCut = false;
  const stopWatching = connection.onEnd(() => {
    isCut = !sawEndOfFile(channel);
  });
  const cut = () => new PortalError("cluster", `The connection to ${host}:${port} broke off`);
  channel.once("end", () => (isCut ? duplex.destroy(cut()) : duplex.push(null)));
  channel.once("close", () => {
    stopWatching();
    release();
    if (duplex.readableEnded) duplex.destroy();
    else duplex.once("end", () => duplex.destroy());
  });
  channel.on("error", (error: Error) => duplex.destroy(error));
}

/** ssh2's channels neither report `destroyed` nor finish writes that were pending when they closed. */
function duplexOf(leased: LeasedChannel, target: Target): Duplex {
  const { channel } = leased;
  const close = (ended: ClientChannel) => {
    ended.resume();
    ended.close();
  };
  const duplex = new Duplex({
    read: () => channel.resume(),
    write: (chunk: Buffer, _encoding, written) => {
      channel.write(chunk, () => written());
    },
    final: (finished) => {
      channel.end();
      finished();
    },
    destroy: (error, destroyed) => {
      close(channel);
      destroyed(error);
    },
  });
  channel.on("data", (chunk: Buffer) => {
    if (!duplex.destroyed && !duplex.push(chunk)) channel.pause();
  });
  followEnd(duplex, leased, target);
  return duplex;
}

/** Throws PortalError `cluster`, with sshd's words, when the target refuses or forwarding is not allowed. */
export async function openTunnel(request: Omit<ChannelRequest, "open" | "refused">, target: Target): Promise<Duplex> {
  const leased = await openChannel({
    ...request,
    open: (client, opened) => client.forwardOut("127.0.0.1", 0, target.host, target.port, opened),
    refused: (failure, { node }) => refusal(target, failure, node.host),
  });
  const duplex = duplexOf(leased, target);
  if (request.signal.aborted) duplex.destroy();
  return duplex;
}
