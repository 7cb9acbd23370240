// A terminal on a login node: an exec or shell channel with a pseudo-terminal (RFC 4254 6.2), on a connection whose
// certificate permits that and nothing else.
import { Readable } from "node:stream";
import type { ClientChannel, PseudoTtyOptions } from "ssh2";
import type { TerminalChannel, TerminalOptions } from "@/lib/clusters/run";
import { terminalCommand } from "@/lib/clusters/terminal-command";
import { PortalError } from "@/lib/errors";
import { type ChannelRequest, type LeasedChannel, openChannel } from "./channel";
import { keepNarrow, openNarrow } from "./internals";

/** MaxSessions of sshd answers like this: another connection has room. */
const OPEN_REFUSED = new Set([1, 2, 4]);

const TERM = "xterm-256color";

function outputOf(channel: ClientChannel): Readable {
  const output = new Readable({
    read: () => channel.resume(),
    destroy: (error, done) => {
      channel.resume();
      channel.close();
      done(error);
    },
  });
  channel.on("data", (chunk: Buffer) => {
    if (!output.destroyed && !output.push(chunk)) channel.pause();
  });
  // With a terminal everything comes on stdout; what sshd itself might say beside it is let go.
  channel.stderr.resume();
  channel.once("end", () => output.push(null));
  channel.once("close", () => output.push(null));
  return output;
}

function terminalOn({ channel, connection, release }: LeasedChannel): TerminalChannel {
  let code: number | null = null;
  channel.once("exit", (status: number | null) => {
    code = status;
  });
  const gone: TerminalChannel["gone"] = new Promise((resolve) => {
    channel.once("close", () => {
      release();
      resolve({ code, wasConnectionLost: !connection.isOpen() });
    });
  });
  channel.on("error", () => {});
  return {
    output: outputOf(channel),
    write: (bytes) =>
      new Promise((done) => {
        if (!channel.writable) return done();
        // ssh2 calls back for neither a write nor its failure once the channel closed.
        channel.once("close", done);
        channel.write(Buffer.from(bytes), () => {
          channel.off("close", done);
          done();
        });
      }),
    resize: ({ cols, rows }) => channel.setWindow(rows, cols, 0, 0),
    gone,
    hangUp: () => channel.close(),
  };
}

/** Opens a terminal as the person that `request.pool` belongs to. Throws PortalError. */
export async function openTerminal(
  request: Omit<ChannelRequest, "open" | "refused">,
  { user, cols, rows, argv }: TerminalOptions,
): Promise<TerminalChannel> {
  const pty: PseudoTtyOptions = { term: TERM, cols, rows, width: 0, height: 0 };
  // For a login shell it is sshd that says whether it may be set (AcceptEnv). Next's types demand NODE_ENV of every environment.
  const env = { COLORTERM: "truecolor" } as unknown as NodeJS.ProcessEnv;
  const command = argv ? terminalCommand(argv) : null;
  const leased = await openChannel({
    ...request,
    open: (client, opened) =>
      openNarrow(
        client,
        () => void (command ? client.exec(command, { pty }, opened) : client.shell(pty, { env }, opened)),
      ),
    refused: (failure, { node }) =>
      OPEN_REFUSED.has(failure.reason ?? 0)
        ? null
        : new PortalError("cluster", `Login node ${node.host} gives ${user} no terminal (PermitTTY)`, {
            words: failure.message,
          }),
  });
  keepNarrow(leased.channel);
  const terminal = terminalOn(leased);
  if (request.signal.aborted) terminal.hangUp();
  return terminal;
}
