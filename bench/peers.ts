// What the portal is compared with, installed by the bench itself: npm packages into a cache directory of its own, nginx and
// wrk from Debian. Every peer runs until end() is called.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { installPackages } from "@/dev/demo/machine";
import { onInterrupt } from "@/dev/test/interrupt";

/** Named here, so that the table can tell it. */
export const wettyVersion = "3.2.0";
const proxyVersion = "5.3.0";

export const cacheDir = join(homedir(), ".cache", "berth-bench");

export type Peer = { port: number; pid: number; end: () => Promise<void> };
export type Target = { host: string; port: number };

const has = (program: string): boolean => existsSync(`/usr/bin/${program}`) || existsSync(`/usr/sbin/${program}`);

/** Debian's packages that are missing. */
export async function installDebian(): Promise<void> {
  const missing = [
    ["nginx", "nginx-light"],
    ["wrk", "wrk"],
  ].flatMap(([program = "", name = ""]) => (has(program) ? [] : [name]));
  if (missing.length > 0) await installPackages(missing);
}

/** Installs an npm package of exactly this version; answers the directory it is in. */
export function installNpm(name: string, version: string): string {
  const folder = join(cacheDir, `${name}-${version}`);
  const place = join(folder, "node_modules", name);
  if (existsSync(place)) return place;
  mkdirSync(folder, { recursive: true });
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--no-save"];
  execFileSync("npm", ["install", "--prefix", folder, ...quiet, `${name}@${version}`], { stdio: "inherit" });
  return place;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const connected = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

export async function untilListens(port: number, what: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await listens(port)) return;
    await pause(50);
  }
  throw new Error(`${what} does not listen on port ${port}`);
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** configurable-http-proxy as JupyterHub runs it, with everything on one target. On the portal's own Node. */
export async function startConfigurableProxy(port: number, target: Target): Promise<Peer> {
  const place = installNpm("configurable-http-proxy", proxyVersion);
  const args = [join(place, "bin/configurable-http-proxy"), "--ip", "127.0.0.1", "--port", String(port)];
  args.push("--api-ip", "127.0.0.1", "--api-port", String(port + 1), "--log-level", "error");
  args.push("--default-target", `http://${target.host}:${target.port}`);
  const env = { ...process.env, NODE_ENV: "production" as const, CONFIGPROXY_AUTH_TOKEN: "for-the-bench" };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], env });
  const end = () => endProcess(child);
  onInterrupt(end);
  await untilListens(port, "configurable-http-proxy");
  return { port, pid: child.pid ?? 0, end };
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

const nginxText = (port: number, folder: string, { host, port: to }: Target) => `
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  map $http_upgrade $berth_connection { default upgrade; "" ""; }
  upstream app { server ${host}:${to}; keepalive 64; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_max_temp_file_size 0;
      proxy_buffers 8 256k; proxy_busy_buffers_size 512k;
      proxy_set_header Host $host; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $berth_connection;
    }
  }
}
`;

/**
 * nginx as a reverse proxy with kept-alive connections to its target; one worker, against one portal process, and as much
 * read at a time as the portal reads: with its default buffers of 4 KiB a large answer takes it twice the processor time.
 */
export async function startNginx(port: number, target: Target): Promise<Peer> {
  await installDebian();
  const folder = mkdtempSync(join(tmpdir(), "berth-bench-nginx-"));
  writeFileSync(join(folder, "nginx.conf"), nginxText(port, folder, target));
  const args = ["-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")];
  const child = spawn("/usr/sbin/nginx", args, { stdio: ["ignore", "ignore", "inherit"] });
  const end = async () => {
    await endProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  onInterrupt(end);
  await untilListens(port, "nginx");
  // The worker serves; the first process only watches it.
  return { port, pid: childrenOf(child.pid ?? 0)[0] ?? 0, end };
}

const nextVersion = (): string => {
  const listed: unknown = JSON.parse(execFileSync("npm", ["ls", "next", "--json", "--depth=0"], { encoding: "utf8" }));
  // npm ls describes its own answer so.
  return (listed as { dependencies: { next: { version: string } } }).dependencies.next.version;
};

/** Name and version of everything that figures were compared with. */
export function versions(slurmConf: string): Record<string, string> {
  const nginx = execFileSync("sh", ["-c", "/usr/sbin/nginx -v 2>&1"], { encoding: "utf8" });
  const environment = { ...process.env, SLURM_CONF: slurmConf };
  const words = execFileSync("sh", ["-c", "sinfo --version; ssh -V 2>&1"], { encoding: "utf8", env: environment });
  const slurm = words.trim().split("\n");
  // What Debian calls it; a program that a benchmark which is left out would install may be missing.
  const debian = (name: string) =>
    spawnSync("dpkg-query", ["-W", `-f=\${Version}`, name], { encoding: "utf8" }).stdout.trim() || "not there";
  return {
    node: process.version,
    nginx: nginx.trim().replace(/^.*nginx\//, ""),
    "configurable-http-proxy": proxyVersion,
    next: nextVersion(),
    slurm: slurm[0]?.replace("slurm-wlm ", "") ?? "",
    openssh: slurm[1]?.split(",")[0]?.replace("OpenSSH_", "") ?? "",
    wetty: wettyVersion,
    chromium: debian("chromium"),
    wrk: debian("wrk"),
    postgresql: debian("postgresql"),
  };
}
