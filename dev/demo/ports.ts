// Whether a port is free, and whose it is: what answers there may be anybody's. Who it is, /proc alone can tell, so only on
// Linux, and of other accounts' processes only root.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

export type Holder = { pid: number; command: string };

const LISTEN = "0A";
/** 127.0.0.1, any, and the same of IPv6: another address of this machine may have another's port of the same number. */
const LOCAL = /^(0100007F|0{8}|0{32}|0{24}01000000|0{16}FFFF00000100007F):/;

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function linksIn(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => {
      try {
        return [readlinkSync(`${directory}/${name}`)];
      } catch {
        return [];
      }
    });
  } catch {
    // The process has ended, or is another account's.
    return [];
  }
}

/** Sockets that listen on `port`, as links in /proc/<pid>/fd name them. Source: proc_net(5), "/proc/net/tcp". */
function listeningOn(port: number): Set<string> {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => contentOf(file).split("\n").slice(1));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const ours = fields.filter(([, local, , state]) => local?.endsWith(end) && LOCAL.test(local) && state === LISTEN);
  return new Set(ours.map((row) => `socket:[${row[9]}]`));
}

/** The process that listens on `port`; null when none does, or none that can be seen. */
export function holderOf(port: number): Holder | null {
  const sockets = listeningOn(port);
  if (sockets.size === 0) return null;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const pid = pids.find((name) => linksIn(`/proc/${name}/fd`).some((link) => sockets.has(link)));
  if (!pid) return null;
  return { pid: Number(pid), command: contentOf(`/proc/${pid}/cmdline`).split("\0").join(" ").trim() };
}

/** "Port 3000 is taken by process 4711 (node dist/server.mjs)." */
export function takenWords(port: number, holder = holderOf(port)): string {
  const who = holder ? `process ${holder.pid} (${holder.command})` : "another program";
  return `Port ${port} is taken by ${who}.`;
}

/** True when `port` of loopback can be listened on, by IPv6 too: a browser may try that first. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::1"]) {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const server = createServer()
      .on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .listen(port, host, () => server.close(() => resolve(null)));
    if ((await promise) === "EADDRINUSE") return false;
  }
  return true;
}
