// A terminal on this machine, as the portal's own account: node-pty, whose native part is loaded only when one is wanted.
import { Readable } from "node:stream";
import { PortalError } from "@/lib/errors";
import { usableHome, usableShell } from "@/lib/usable-shell";
import type { TerminalChannel, TerminalOptions } from "./run";

type Environment = Record<string, string | undefined>;

/** Opens a terminal with nothing of the portal's own environment in it. Throws PortalError `cluster`. */
export async function openLocalTerminal(options: TerminalOptions, environment: Environment): Promise<TerminalChannel> {
  const { spawn } = await import("@lydell/node-pty");
  const { cols, rows, argv = [usableShell(), "-l"] } = options;
  const [file = "/bin/sh", ...args] = argv;
  const env = { ...environment, TERM: "xterm-256color", COLORTERM: "truecolor" };
  const settings = { name: "xterm-256color", cols, rows, cwd: usableHome(), env, encoding: null };
  const pty = await Promise.resolve()
    .then(() => spawn(file, args, settings))
    .catch((cause: Error) => {
      throw new PortalError("cluster", "This machine cannot open a terminal", { words: cause.message, cause });
    });
  const output = new Readable({ read: () => pty.resume(), destroy: (error, done) => done(error) });
  // Without an encoding the data are bytes, though the type says text.
  pty.onData((data) => {
    if (!output.destroyed && !output.push(data as unknown as Uint8Array)) pty.pause();
  });
  const gone = new Promise<{ code: number | null; wasConnectionLost: boolean }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      output.push(null);
      resolve({ code: signal ? null : exitCode, wasConnectionLost: false });
    });
  });
  const unlessEnded = (act: () => void) => {
    try {
      act();
    } catch {
      // It has ended already.
    }
  };
  return {
    output,
    // It writes to a socket, which takes bytes; its type knows text only.
    write: async (bytes) => pty.write(Buffer.from(bytes) as unknown as string),
    resize: (size) => unlessEnded(() => pty.resize(size.cols, size.rows)),
    gone,
    hangUp: () => unlessEnded(() => pty.kill("SIGHUP")),
  };
}
