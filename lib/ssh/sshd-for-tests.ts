// Test support: an sshd of one test, with its own host key, settings and log. Needs root, as any sshd that changes accounts.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export type TestSshd = {
  host: string;
  port: number;
  /** Its only host key, as a line to pin. */
  hostKey: string;
  /** What it logged so far, at DEBUG2. */
  log(): string;
  stop(): Promise<void>;
};

type Settings = {
  caFile: string;
  keyType?: "ed25519" | "rsa";
  lines?: string[];
  /** Instead of what /etc/pam.d/sshd says; nobody else on this machine sees it. */
  pam?: string[];
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || !address) throw new Error("No free port");
  return address.port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });

async function untilItAnswers(child: ChildProcess, port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (child.exitCode !== null) throw new Error(`sshd ended:\n${log()}`);
    if (await answers(port)) return;
    await pause(20);
  }
  throw new Error(`sshd does not listen:\n${log()}`);
}

function configuration(dir: string, port: number, { caFile, lines = [], pam }: Settings): string {
  const common = [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    `HostKey ${dir}/host`,
    "PidFile none",
    `TrustedUserCAKeys ${caFile}`,
    "AuthorizedKeysFile none",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    `UsePAM ${pam ? "yes" : "no"}`,
    "UseDNS no",
    "LogLevel DEBUG2",
  ];
  // sshd takes the first of two settings, so what a test wants comes first.
  return [...lines, ...common, ""].join("\n");
}

/** What starts an sshd for which /etc/pam.d/sshd is `pam`: in a file tree of its own, unshare(1). */
function withPam(dir: string, pam: string[]): string[] {
  writeFileSync(join(dir, "pam"), `${pam.join("\n")}\n`);
  const script = 'mount --bind "$1" /etc/pam.d/sshd && shift && exec "$@"';
  return ["unshare", "--mount", "sh", "-c", script, "sh", join(dir, "pam")];
}

export async function startSshd(settings: Settings): Promise<TestSshd> {
  const dir = mkdtempSync(join(tmpdir(), "reach-sshd-"));
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  execFileSync("ssh-keygen", ["-q", "-N", "", "-t", settings.keyType ?? "ed25519", "-f", join(dir, "host")]);
  const port = await freePort();
  writeFileSync(join(dir, "sshd_config"), configuration(dir, port, settings));
  const logFile = join(dir, "log");
  writeFileSync(logFile, "");
  const log = () => readFileSync(logFile, "utf8");
  const sshd = ["/usr/sbin/sshd", "-D", "-E", logFile, "-f", join(dir, "sshd_config")];
  const [program = "", ...options] = [...(settings.pam ? withPam(dir, settings.pam) : []), ...sshd];
  const child = spawn(program, options, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await untilItAnswers(child, port, log);
  return {
    host: "127.0.0.1",
    port,
    hostKey: readFileSync(join(dir, "host.pub"), "utf8").trim(),
    log,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
