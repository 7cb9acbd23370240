// A throw-away PostgreSQL server for tests: everything in one temporary directory, gone with the process that started it.
// By hand: `tsx dev/postgres.ts` prints DATABASE_URL and serves until Ctrl-C.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { installPackages } from "@/dev/demo/machine";

const home = "/usr/lib/postgresql";
const root = process.getuid?.() === 0;

function newestBin(): string | null {
  if (!existsSync(home)) return null;
  const versions = readdirSync(home).filter((name) => existsSync(join(home, name, "bin/initdb")));
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0];
  return newest ? join(home, newest, "bin") : null;
}

/** Where initdb and postgres are. Installs Debian's package when they are not there and we are root. */
async function findBin(): Promise<string> {
  const found = newestBin();
  if (found) return found;
  const advice = "PostgreSQL is not installed: apt-get install postgresql";
  if (!root || !existsSync("/usr/bin/apt-get")) throw new Error(advice);
  await installPackages(["postgresql"]);
  const installed = newestBin();
  if (!installed) throw new Error(advice);
  return installed;
}

function account(): { uid: number; gid: number } {
  if (!root) return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const fields = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  if (!fields) throw new Error("There is no account postgres to run the server as.");
  return { uid: Number(fields[1]), gid: Number(fields[2]) };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  // A listening TCP server has an address with a port.
  return (address as { port: number }).port;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on("error", () => {});
  const connected = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end().catch(() => {});
  return connected;
}

async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await answers(url)) return;
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    await pause(50);
  }
  throw new Error("postgres did not answer within 30 s");
}

async function serve(directory: string, port: number, url: string): Promise<ChildProcess> {
  const { uid, gid } = account();
  const options = ["-c", "fsync=off", "-c", `unix_socket_directories=${directory}`, "-c", "listen_addresses=127.0.0.1"];
  // Another time zone than UTC, as a site's server may have: the portal must not depend on it.
  options.push("-c", "timezone=Asia/Kathmandu", "-c", "max_connections=200", "-c", "logging_collector=off");
  const identity = root ? [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"] : [];
  const command = [join(await findBin(), "postgres"), "-D", join(directory, "data"), "-p", String(port), ...options];
  const server = spawn("setpriv", [...identity, "--pdeathsig", "INT", ...command], { cwd: directory, stdio: "ignore" });
  await untilAnswers(url, server);
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill("SIGINT");
  await once(server, "exit");
}

export type Postgres = {
  url: string;
  /** Ends the server, and starts it again on the same files and port. */
  stop: () => Promise<void>;
  start: () => Promise<void>;
  /** Ends it and removes its files. */
  remove: () => Promise<void>;
};

/** A new, empty server that answers at `url`. */
export async function startPostgres(): Promise<Postgres> {
  // First of all: the package brings the account, too.
  const initdbProgram = join(await findBin(), "initdb");
  const { uid, gid } = account();
  const directory = mkdtempSync(join(tmpdir(), "berth-pg-"));
  chownSync(directory, uid, gid);
  const initdb = [
    "-D",
    join(directory, "data"),
    "-U",
    "postgres",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
    "-A",
    "trust",
    "-N",
  ];
  execFileSync(initdbProgram, initdb, { uid, gid, cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  let server = await serve(directory, port, url);
  const stop = () => end(server);
  const start = async () => {
    server = await serve(directory, port, url);
  };
  const remove = async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { url, stop, start, remove };
}

if (import.meta.main) {
  const server = await startPostgres();
  console.log(`DATABASE_URL=${server.url}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void server.remove());
}
