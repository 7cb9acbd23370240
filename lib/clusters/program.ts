// One program run by a shell that reads its script from stdin, wherever that shell is: framing, input, and how it ends.
// Time-outs and limits are in run-programs.ts.
import type { Readable, Writable } from "node:stream";
import { PortalError } from "@/lib/errors";
import { type MarkedOutput, markedOutput } from "./marked-output";
import type { RunOptions } from "./run";
import { programScript } from "./shell-script";

const WRITE_BYTES = 256 * 1024;
const TERMINATED = 128 + 15;

/** A running `/bin/sh -s`. */
export type Shell = {
  /** For sentences: "on login1", "on this machine". */
  where: string;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves when nothing more will come. */
  gone: Promise<{ wasConnectionLost: boolean }>;
  /** Ends the shell and everything it started: TERM, then KILL. */
  kill(): void;
  /** Lets go of a shell whose program has ended. */
  release(): void;
};

/** Who asked for what, for the sentences of errors. Arguments and values are never part of one. */
export type Call = { program: string; user: string; options: RunOptions };

export type Program = {
  stdout: Readable;
  stderr: Readable;
  /** Resolves when the shell runs it and, where there is input, has begun to read. */
  started: Promise<void>;
  /** Exit code, once all of stdout was read. */
  exit: Promise<number>;
  /** Kills it; `stdout` and `exit` fail with `error`. */
  fail(error: PortalError): void;
};

type Ending = { shell: Shell; out: MarkedOutput; err: MarkedOutput };

function endError({ program, user }: Call, { shell, out, err }: Ending, wasConnectionLost: boolean): PortalError {
  const { where } = shell;
  if (wasConnectionLost) {
    return new PortalError("cluster", `The connection was lost while ${program} ran ${where} as ${user}`);
  }
  if (out.hasBegun()) return new PortalError("cluster", `${program} was ended ${where} before ${user} had its result`);
  const words = (out.preamble() + err.preamble()).trim() || undefined;
  return new PortalError("cluster", `The login shell of ${user} ${where} ended before ${program} started`, { words });
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += WRITE_BYTES) yield bytes.subarray(at, at + WRITE_BYTES);
}

/** Sends `source` at the pace of the program, which may end before it has read everything. */
async function feed(source: Uint8Array | Readable, shell: Shell): Promise<void> {
  let isGone = false;
  const gone = shell.gone.then(() => {
    isGone = true;
    if (!(source instanceof Uint8Array)) source.destroy();
  });
  try {
    for await (const chunk of source instanceof Uint8Array ? slices(source) : source) {
      const written = new Promise<void>((resolve) => shell.stdin.write(chunk, () => resolve()));
      await Promise.race([written, gone]);
      if (isGone) return;
    }
    shell.stdin.end();
  } catch (error) {
    if (!isGone) throw error; // else it is our own `destroy` that is heard here
  }
}

/** Resolves to the exit code. Both end marks make a result; where rc files closed stderr, the end of the shell is the second. */
async function result(call: Call, ending: Ending): Promise<number> {
  const { shell, out, err } = ending;
  const trailer = await out.done;
  if (trailer === null) throw endError(call, ending, (await shell.gone).wasConnectionLost);
  await Promise.race([err.done, shell.gone]);
  err.giveUp();
  return Number(trailer);
}

/** Sends the script and wires up what comes back. Destroying `stdout` kills the program. */
export function launch(call: Call, shell: Shell, argv: string[]): Program {
  const source = call.options.stdin;
  const script = programScript(argv, source !== undefined);
  const out = markedOutput(shell.stdout, script.stdout);
  const err = markedOutput(shell.stderr, script.stderr);
  const exit = Promise.withResolvers<number>();
  exit.promise.catch(() => {}); // whoever reads stdout learns of it too
  let isOver = false;

  const end = (settle: () => void) => {
    if (isOver) return;
    isOver = true;
    settle();
  };
  const fail = (error: PortalError) =>
    end(() => {
      exit.reject(error);
      out.body.destroy(error);
      err.body.destroy();
      shell.kill();
    });
  const succeed = (code: number) =>
    end(() => {
      exit.resolve(code);
      shell.release();
    });
  const abandon = () =>
    end(() => {
      exit.resolve(TERMINATED);
      err.body.destroy();
      shell.kill();
    });
  const breakOff = (cause: unknown) =>
    fail(new PortalError("cluster", `The input of ${call.program} broke off (${call.user} ${shell.where})`, { cause }));

  out.body.once("close", () => out.body.readableEnded || abandon());
  result(call, { shell, out, err }).then(succeed, fail);
  shell.stdin.on("error", () => {}); // a program may end without reading its input
  shell.stdin.write(script.text);
  const started = out.began.then(() => {
    if (source !== undefined) feed(source, shell).catch(breakOff);
  });
  return { stdout: out.body, stderr: err.body, started, exit: exit.promise, fail };
}
