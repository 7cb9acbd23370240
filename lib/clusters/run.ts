// How programs are run where a scheduler lives, and how a compute node is reached. Two implementations:
// lib/ssh (a login node, as the user) and lib/clusters/local.ts (this machine). Adapters and verbs see only these types.
import type { Duplex, Readable } from "node:stream";

export type RunOptions = {
  /** Unix account to run as. Ignored by the local reach, which has only one. */
  user: string;
  /** Named in the certificate, hence in sshd's log: loginName() of whoever acts. Default "system". */
  login?: string;
  stdin?: Uint8Array | Readable;
  /** Output beyond this ends the call with a cluster error. Default 32 MiB. */
  maxBytes?: number;
  /** Default 30. */
  timeoutSeconds?: number;
  signal?: AbortSignal;
};

export type RunResult = { code: number; stdout: Uint8Array; stderr: Uint8Array };

/**
 * Runs a program where the scheduler lives, as `user`. argv and bytes, never a shell string.
 * A program that ends with any exit code is a result; only a failure to run it is a PortalError
 * (`cluster` when refused or unreachable, `cluster_timeout` when too slow).
 */
export type Run = (argv: string[], options: RunOptions) => Promise<RunResult>;

/** A running program whose stdout does not fit in memory or does not end. Destroying `stdout` ends the program. */
export type RunningProgram = { stdout: Readable; exit: Promise<{ code: number; stderr: Uint8Array }> };

/** As Run, for output that streams. `maxBytes` does not apply and `timeoutSeconds` covers the start only. */
export type RunStream = (argv: string[], options: RunOptions) => Promise<RunningProgram>;

/** A program on a pseudo-terminal. */
export type TerminalChannel = {
  /** What it writes. While nobody reads, the program waits. Ends when the program is gone. */
  output: Readable;
  /** Types. Resolves when the bytes are on their way, also when it is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** In characters; the program gets SIGWINCH. */
  resize(size: { cols: number; rows: number }): void;
  /** Resolves once it is gone; never rejects. `code` is null when a signal or a lost connection ended it. */
  gone: Promise<{ code: number | null; wasConnectionLost: boolean }>;
  /** As closing a terminal window does: SIGHUP. */
  hangUp(): void;
};

export type TerminalOptions = {
  user: string;
  login?: string;
  cols: number;
  rows: number;
  /** Absent: the person's login shell, as ssh(1) starts it. */
  argv?: string[];
};

/** How one cluster is reached. */
export interface Reach {
  run: Run;
  runStream: RunStream;
  /** A shell or program with a terminal of its own. Throws PortalError like run. */
  terminal(options: TerminalOptions): Promise<TerminalChannel>;
  /**
   * A TCP connection to `host:port` as seen from inside the cluster, for `login` as in RunOptions. The caller has checked
   * that the target is allowed.
   */
  connect(target: { host: string; port: number }, user: string, login?: string): Promise<Duplex>;
  /** Ends every pooled connection. */
  close(): Promise<void>;
}
