// `run` and `runStream` over any shell: time-outs, limits on output, and the caller's abort.
// What differs between a login node and this machine is only how a shell is opened.
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { PortalError } from "@/lib/errors";
import { type Deadline, deadline, stopError, until } from "./deadline";
import { type Call, launch, type Program, type Shell } from "./program";
import type { Run, RunOptions, RunStream } from "./run";
import { checkArgv } from "./shell-script";

const DEFAULT_TIMEOUT_SECONDS = 30;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const STREAM_STDERR_BYTES = 64 * 1024;
const MORE = "There was more than these lines; the rest was not kept.";

export type ProgramHost = {
  /** Opens a shell for `options.user`. Throws PortalError; stops trying when `signal` fires. */
  openShell(options: RunOptions, signal: AbortSignal): Promise<Shell>;
  /** How long a shell may take before it reads its script. */
  shellStartSeconds: number;
};

type Started = { call: Call; shell: Shell; program: Program; stop: Deadline };
type Begun = { options: RunOptions; stop: Deadline };

const callOf = (argv: string[], options: RunOptions): Call => ({
  program: basename(argv[0] ?? ""),
  user: options.user,
  options,
});

const cancelled = ({ program, user }: Call): string => `${program} as ${user}`;

/** Waits for the begin mark. rc files that hang or wait for input are the usual reason when it does not come. */
async function awaitStart({ call, shell, program, stop }: Started, seconds: number): Promise<void> {
  const starting = deadline(seconds, stop.signal);
  const sentence = () =>
    `The login shell of ${call.user} ${shell.where} did not start within ${seconds} s: check its .bashrc`;
  const slow = () => {
    const { signal } = stop.signal.aborted ? stop : starting;
    return stopError(signal, sentence(), cancelled(call));
  };
  try {
    await until(Promise.race([program.started, program.exit]), starting.signal, slow);
  } finally {
    starting.clear();
  }
}

async function start(host: ProgramHost, argv: string[], { options, stop }: Begun): Promise<Started> {
  checkArgv(argv);
  const call = callOf(argv, options);
  const seconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const noShell = () =>
    stopError(stop.signal, `There was no connection for ${cancelled(call)} within ${seconds} s`, cancelled(call));
  const shell = await until(host.openShell(options, stop.signal), stop.signal, noShell);
  const program = launch(call, shell, argv);
  const started: Started = { call, shell, program, stop };
  try {
    await awaitStart(started, Math.min(seconds, host.shellStartSeconds));
  } catch (error) {
    // `until` and `exit` only throw what stopError and endError made.
    program.fail(error as PortalError);
    throw error;
  }
  return started;
}

/** Keeps the first `maxBytes` of `source` and reads the rest away; then its last whole line is followed by one that says so. */
function firstBytes(source: Readable, maxBytes: number): () => Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  source.on("data", (chunk: Buffer) => {
    if (total < maxBytes) chunks.push(chunk.subarray(0, maxBytes - total));
    total += chunk.length;
  });
  source.on("error", () => {});
  return () => {
    const first = Buffer.concat(chunks);
    if (total <= maxBytes) return first;
    const end = first.lastIndexOf("\n") + 1;
    return Buffer.concat([end > 0 ? first.subarray(0, end) : first, Buffer.from(`${end > 0 ? "" : "\n"}${MORE}\n`)]);
  };
}

/** Gathers stdout and stderr; `overflow` is called once they hold more than `maxBytes` together. */
function gather(program: Program, maxBytes: number, overflow: () => void): () => { stdout: Buffer; stderr: Buffer } {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let total = 0;
  const into = (chunks: Buffer[]) => (chunk: Buffer) => {
    total += chunk.length;
    if (total > maxBytes) overflow();
    else chunks.push(chunk);
  };
  program.stdout.on("data", into(stdout)).on("error", () => {});
  program.stderr.on("data", into(stderr)).on("error", () => {});
  return () => ({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
}

const ended = (stream: Readable): Promise<void> =>
  new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) resolve();
    else stream.once("end", resolve).once("close", resolve);
  });

async function runToEnd({ call, shell, program, stop }: Started) {
  const { maxBytes = DEFAULT_MAX_BYTES, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = call.options;
  const what = `${call.program} ${shell.where} as ${call.user}`;
  const tooMuch = () => program.fail(new PortalError("cluster", `${what} printed more than ${maxBytes} bytes`));
  const output = gather(program, maxBytes, tooMuch);
  const all = Promise.all([program.exit, ended(program.stdout), ended(program.stderr)]);
  const slow = () => stopError(stop.signal, `${what} did not finish within ${timeoutSeconds} s`, what);
  try {
    const [code] = await until(all, stop.signal, slow);
    return { code, ...output() };
  } catch (error) {
    // `until` and `exit` only throw what stopError, endError and tooMuch made.
    program.fail(error as PortalError);
    throw error;
  }
}

/** `run` and `runStream` of a Reach, for shells that `host` opens. */
export function runPrograms(host: ProgramHost): { run: Run; runStream: RunStream } {
  const begin = async (argv: string[], options: RunOptions): Promise<Started> => {
    const stop = deadline(options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS, options.signal);
    return start(host, argv, { options, stop }).catch((error: unknown) => {
      stop.clear();
      throw error;
    });
  };

  const run: Run = async (argv, options) => {
    const started = await begin(argv, options);
    return runToEnd(started).finally(started.stop.clear);
  };

  const runStream: RunStream = async (argv, options) => {
    const { call, program, stop } = await begin(argv, options);
    stop.stopClock();
    const cancel = () => program.fail(stopError(stop.signal, "", cancelled(call)));
    stop.signal.addEventListener("abort", cancel, { once: true });
    const stderr = firstBytes(program.stderr, STREAM_STDERR_BYTES);
    const end = Promise.all([program.exit, ended(program.stderr)]);
    const exit = end.finally(stop.clear).then(([code]) => ({ code, stderr: stderr() }));
    exit.catch(() => {}); // a caller that only reads stdout learns of it there
    return { stdout: program.stdout, exit };
  };

  return { run, runStream };
}
