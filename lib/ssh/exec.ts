// Programs on a login node. sshd hands whatever is executed to the person's login shell, which may be tcsh and whose rc
// files may print: so what is sent is one constant, and everything else travels on stdin (lib/clusters/shell-script.ts).
import type { ClientChannel } from "ssh2";
import type { Shell } from "@/lib/clusters/program";
import { PortalError } from "@/lib/errors";
import { type ChannelRequest, type LeasedChannel, type OpenFailure, openChannel } from "./channel";
import { boundWindow, signalProgram } from "./internals";

const COMMAND = "exec /bin/sh -s";
const KILL_AFTER_SECONDS = 2;

/** After TERM the program has a moment before KILL and the end of the channel. Once it ended, nothing is sent. */
function killChannel(channel: ClientChannel): void {
  signalProgram(channel, "TERM");
  const timer = setTimeout(() => {
    signalProgram(channel, "KILL");
    channel.close();
  }, KILL_AFTER_SECONDS * 1000);
  channel.once("close", () => clearTimeout(timer));
}

function shellOn({ channel, connection, release }: LeasedChannel): Shell {
  boundWindow(channel);
  const gone = new Promise<{ wasConnectionLost: boolean }>((resolve) => {
    channel.once("close", () => {
      release();
      resolve({ wasConnectionLost: !connection.isOpen() });
    });
  });
  return {
    where: `on ${connection.node.host}`,
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    gone,
    kill: () => killChannel(channel),
    release: () => channel.close(),
  };
}

/** MaxSessions of sshd answers with "open failed" (reason 2 or 1): another connection has room. */
const OPEN_REFUSED = new Set([1, 2, 4]);

/** What ssh2 says when a connection was lost before it answered. Nothing ran: a script is sent only once there is a channel. */
const isLost = ({ reason, message }: OpenFailure): boolean =>
  reason === undefined && /^(No response from server|Not connected)/.test(message);

/** Opens a shell as the person that `request.pool` belongs to. */
export async function openRemoteShell(request: Omit<ChannelRequest, "open" | "refused">, user: string): Promise<Shell> {
  const leased = await openChannel({
    ...request,
    open: (client, opened) => client.exec(COMMAND, opened),
    refused: (failure, { node }) =>
      OPEN_REFUSED.has(failure.reason ?? 0) || isLost(failure)
        ? null
        : new PortalError("cluster", `Login node ${node.host} runs no programs for ${user}`, {
            words: failure.message,
            accountRefused: true,
          }),
  });
  const shell = shellOn(leased);
  if (request.signal.aborted) shell.kill();
  return shell;
}
