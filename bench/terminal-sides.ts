// Three ways to the same login shell, each as what it writes and what it is told: ssh -tt, WeTTY, and the portal's socket.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";
import { api } from "@/lib/paths";
import { endProcess, installNpm, type Peer, untilListens, wettyVersion } from "./peers";
import { type BenchSite, inDatabase, type Person } from "./site";

export type Shell = {
  type: (text: string) => void;
  /** Called with each piece of output, from now on. */
  listen: (hear: (bytes: Buffer) => void) => void;
  end: () => Promise<unknown>;
};

const patienceMs = 120_000;

/** Listens until `isIt` says of the last of what was printed that it is there. Throws after two minutes, with that. */
export function heard({ listen }: Shell, what: string, isIt: (tail: string, bytes: Buffer) => boolean): Promise<void> {
  let tail = "";
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`Two minutes without ${what}, after ${JSON.stringify(tail.slice(-300))}`));
    const timer = setTimeout(fail, patienceMs);
    listen((bytes) => {
      tail = (tail + bytes.toString("latin1")).slice(-4096);
      if (!isIt(tail, bytes)) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Resolves once `mark` has been printed. */
export const until = (shell: Shell, mark: string): Promise<void> =>
  heard(shell, `"${mark}"`, (tail) => tail.includes(mark));

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const sequences = /\u001b(\[[0-9;?>]*[A-Za-z]|\([A-Z]|[=>])/g;

/** Resolves once the prompt stands at the end of what was printed after Ctrl-C. */
export const untilPrompt = (shell: Shell): Promise<void> =>
  heard(shell, "a prompt", (tail) => /\^C[\s\S]*> *\s*$/.test(tail.replaceAll(sequences, "")));

/** A prompt that cannot be mistaken, and no history of what the bench types. */
async function settle(shell: Shell): Promise<Shell> {
  const ready = until(shell, "bench-is-ready");
  await pause(1000);
  shell.type("unset HISTFILE; bind 'set enable-bracketed-paste off'; PS1='> '; echo bench-is-''ready\r");
  await ready;
  return shell;
}

/** `ssh -tt`: argv goes up to user@host. */
export function sshShell(argv: string[]): Promise<Shell> {
  const child: ChildProcess = spawn("/usr/bin/ssh", ["-tt", ...argv], { stdio: ["pipe", "pipe", "ignore"] });
  let hear: (bytes: Buffer) => void = () => {};
  child.stdout?.on("data", (bytes: Buffer) => hear(bytes));
  return settle({
    type: (text) => child.stdin?.write(text),
    listen: (next) => {
      hear = next;
    },
    end: () => endProcess(child),
  });
}

export type SshTo = { host: string; port: number; user: string; key: string; knownHosts: string };

export async function startWetty(port: number, { host, port: sshPort, user, key, knownHosts }: SshTo): Promise<Peer> {
  const place = installNpm("wetty", wettyVersion);
  const options = { port, host: "127.0.0.1", base: "/", "log-level": "error", "known-hosts": knownHosts };
  const ssh = { "ssh-host": host, "ssh-port": sshPort, "ssh-user": user, "ssh-auth": "publickey", "ssh-key": key };
  const args = Object.entries({ ...options, ...ssh }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const argv = [join(place, "build/main.js"), ...args, "--force-ssh"];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "ignore"] });
  await untilListens(port, "WeTTY");
  return { port, pid: child.pid ?? 0, end: () => endProcess(child) };
}

type SocketIo = {
  on: (name: string, hear: (data: string) => void) => void;
  emit: (name: string, ...data: unknown[]) => void;
  disconnect: () => void;
};

/** As WeTTY's own page: what it read is committed by pieces of 256 KB. */
export async function wettyShell({ port }: Peer): Promise<Shell> {
  const from = createRequire(join(installNpm("wetty", wettyVersion), "package.json"));
  // socket.io-client, of the version that WeTTY brings along.
  const { io } = from("socket.io-client") as { io: (url: string, options: object) => SocketIo };
  const socket = io(`http://127.0.0.1:${port}`, { path: "/socket.io", transports: ["websocket"] });
  let hear: (bytes: Buffer) => void = () => {};
  let read = 0;
  socket.on("data", (data) => {
    read += data.length;
    if (read >= 262_144) {
      socket.emit("commit", read);
      read = 0;
    }
    hear(Buffer.from(data));
  });
  socket.emit("resize", { cols: 80, rows: 24 });
  return settle({
    type: (text) => socket.emit("input", text),
    listen: (next) => {
      hear = next;
    },
    end: async () => socket.disconnect(),
  });
}

export type HeldBy = "portal" | "tmux";

/** A terminal of the portal's, as a script with a token has it: everything is read and acknowledged at once. */
export async function portalShell(site: BenchSite, person: Person, heldBy: HeldBy): Promise<Shell & { id: string }> {
  const wish = { method: "POST", body: { cluster: "hpc" }, patient: true } as const;
  const { id } = await person.ask<{ id: string }>(api.terminals(), wish);
  // Both are there on one cluster: a row that says so is believed.
  await inDatabase(site, `update "Terminal" set "heldBy" = $1 where id = $2`, [heldBy, id]);
  const { ticket } = await person.ask<{ ticket: string }>(api.terminalTicket(id), { method: "POST" });
  const headers = { authorization: `Bearer ${person.token}`, host: new URL(site.url).host };
  const address = `ws://127.0.0.1:${site.port}${api.terminalSocket(id)}`;
  const ws = new WebSocket(address, { headers, perMessageDeflate: false });
  const first = { type: "attach", ticket, viewer: "0".repeat(32), after: null, epoch: null, cols: 80, rows: 24 };
  ws.once("open", () => ws.send(JSON.stringify(first)));
  let hear: (bytes: Buffer) => void = () => {};
  let [seq, told, typed] = [0, 0, 0];
  const begun = new Promise<void>((resolve, reject) => {
    ws.on("error", reject).on("close", (code) => reject(new Error(`The terminal closed with ${code}.`)));
    ws.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) {
        // The portal's own words.
        const message = JSON.parse(data.toString()) as { type: string; seq?: number };
        if (message.type === "screen") [seq, told] = [message.seq ?? 0, message.seq ?? 0];
        return message.type === "screen" ? resolve() : undefined;
      }
      seq += data.length;
      // As the page does: in steps.
      if (seq - told >= 64 * 1024) {
        told = seq;
        ws.send(JSON.stringify({ type: "drawn", seq }));
      }
      hear(data);
    });
  });
  await begun;
  const type = (text: string) => {
    typed += 1;
    const frame = Buffer.alloc(4 + Buffer.byteLength(text));
    frame.writeUInt32BE(typed, 0);
    frame.write(text, 4);
    ws.send(frame);
  };
  const end = async () => {
    await person.ask(api.endTerminal(id), { method: "POST" });
    ws.terminate();
  };
  const listen = (next: typeof hear) => {
    hear = next;
  };
  return Object.assign(await settle({ type, listen, end }), { id });
}
