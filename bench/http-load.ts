// Loads an HTTP server from outside this process: wrk, a C program, so that the generator is not what is measured.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export type Asked = {
  port: number;
  path: string;
  connections: number;
  seconds: number;
  headers?: Record<string, string>;
};

function inBytes(text: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)([KMGT]?)B?$/.exec(text) ?? [];
  return Number(number) * 1024 ** (unit ? "KMGT".indexOf(unit) + 1 : 0);
}

/** Requests and bytes a second. Throws when any answer was not a success. */
export async function httpLoad({ port, path, connections, seconds, headers = {} }: Asked) {
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", ...given];
  const { stdout } = await run("/usr/bin/wrk", [...args, `http://127.0.0.1:${port}${path}`]);
  const bad = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(stdout);
  const requestsPerSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0);
  const bytesPerSecond = inBytes(/Transfer\/sec:\s+(\S+)/.exec(stdout)?.[1] ?? "");
  // A large answer may take longer than the load lasts.
  if (bad || bytesPerSecond === 0) throw new Error(`wrk on port ${port}${path}:\n${stdout}`);
  return { requestsPerSecond, bytesPerSecond };
}
