// For tests of files: requests to the routes as a page of the portal sends them, and a folder of its own on the cluster.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { TestPerson } from "@/dev/test-people";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { encodePath } from "@/lib/files/rules";
import type { ActionLine } from "@/lib/files/schema";

type NextHandler = (request: Request, next: { params: Promise<unknown> }) => Promise<Response>;
export type Asked = {
  query?: Record<string, string>;
  headers?: Record<string, string>;
  json?: unknown;
  body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  id?: string;
  method?: string;
  signal?: AbortSignal;
};

/** Asks one route as this person's browser. */
export function askAs(person: TestPerson, handler: NextHandler, asked: Asked): Promise<Response> {
  const { query = {}, headers = {}, json, body, id, method = "GET", signal } = asked;
  const url = `${config().url}/api/x?${new URLSearchParams(query)}`;
  const content = json === undefined ? {} : { "content-type": "application/json" };
  const request = new Request(url, {
    method,
    headers: { cookie: person.cookie, "sec-fetch-site": "same-origin", ...content, ...headers },
    body: json === undefined ? body : JSON.stringify(json),
    signal,
    duplex: "half",
    // `duplex` is not in the type yet; Node wants it for a body that streams.
  } as RequestInit);
  return handler(request, { params: Promise.resolve(id ? { id } : {}) });
}

/** The lines of an answer that streams them. */
export async function linesOf<Line>(response: Response): Promise<Line[]> {
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  // Each line is what the route of the caller's choice writes.
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

/** Runs a script on the cluster as `user`; what it prints. Values go as its arguments. */
export async function onCluster(script: string, args: string[] = [], user = "alice"): Promise<string> {
  const argv = ["/bin/sh", "-c", script, "sh", ...args];
  const { code, stdout, stderr } = await cluster("hpc").reach.run(argv, { user, timeoutSeconds: 120 });
  if (code !== 0) throw new Error(`${script}: ${Buffer.from(stderr)}`);
  return Buffer.from(stdout).toString("utf8").replace(/\n$/, "");
}

/** A new folder in the person's home, as the API writes it. */
export async function newFolder(user = "alice"): Promise<string> {
  const folder = await onCluster(
    'cd && mkdir -- "$1" && cd -- "$1" && pwd -P',
    [`files-${randomBytes(6).toString("hex")}`],
    user,
  );
  return encodePath(Buffer.from(folder));
}

/** Runs `work` with a folder below `folder` that is a file system of its own of one MiB, of which `free` KiB are left. Needs root. */
export async function withSmallDisk(
  folder: string,
  freeKiB: number,
  work: (disk: string) => Promise<void>,
): Promise<void> {
  const disk = `${folder}/disk`;
  await onCluster('mkdir -- "$1"', [disk]);
  const owner = await onCluster('printf "uid=%s,gid=%s" "$(id -u)" "$(id -g)"');
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=1m,mode=755,${owner}`, "tmpfs", disk]);
  try {
    await onCluster('head -c "$2" /dev/zero >"$1/filler"', [disk, String((1024 - freeKiB) * 1024)]);
    await work(disk);
  } finally {
    execFileSync("umount", ["--lazy", disk]);
  }
}

/** Of a file action in `folder`, the outcome of each path: where it is now, or the code of what is wrong. */
export async function outcomesOf(response: Response, folder: string): Promise<Record<string, string | null>> {
  const lines = await linesOf<ActionLine>(response);
  expect(lines.at(-1)?.kind).toBe("end");
  const short = (path: string) => path.replace(`${folder}/`, "");
  const found = lines.flatMap((line): [string, string | null][] => {
    if (line.kind === "done") return [[short(line.path), line.to === null ? null : short(line.to)]];
    return line.kind === "failed" ? [[short(line.path), line.code]] : [];
  });
  return Object.fromEntries(found);
}
