// Folders and files that a test makes for itself through the API, and how it reads them back.
import type { Page } from "@playwright/test";
import type { Api } from "@/e2e/api";
import type { ActionLine, FileAction } from "@/lib/files/schema";
import { api as paths } from "@/lib/paths";

const query = (cluster: string, path: string) => new URLSearchParams({ cluster, path });

async function send(api: Api, address: string, init: RequestInit): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${api.secret}` };
  const answer = await fetch(api.portal.url + address, { ...init, headers });
  if (!answer.ok)
    throw new Error(`${init.method ?? "GET"} ${address} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** Does it, and fails the test when any of it failed. */
export async function act(api: Api, action: FileAction): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await send(api, paths.fileActions(), { method: "POST", body: JSON.stringify(action), headers });
  const lines = (await answer.text())
    .trim()
    .split("\n")
    .map((line): ActionLine => JSON.parse(line));
  const failed = lines.filter((line) => line.kind === "failed");
  if (failed.length > 0 || lines.at(-1)?.kind !== "end") throw new Error(JSON.stringify(lines.slice(-5)));
}

/** From where, in bytes, the next piece of an upload goes on. */
export async function nextOffset(page: Page): Promise<number> {
  const piece = await page.waitForRequest((request) => request.method() === "PATCH", { timeout: 120_000 });
  return Number(piece.headers()["upload-offset"]);
}

type File = { cluster: string; path: string };

export async function read(api: Api, { cluster, path }: File): Promise<Buffer> {
  const answer = await send(api, `${paths.fileContent()}?${query(cluster, path)}`, {});
  return Buffer.from(await answer.arrayBuffer());
}

/** Writes a whole file: a new one, or over whatever is there, as another program of that person would. */
export async function write(api: Api, { cluster, path }: File, text: string): Promise<void> {
  const known = await fetch(`${api.portal.url}${paths.fileText()}?${query(cluster, path)}`, {
    headers: { authorization: `Bearer ${api.secret}` },
  });
  const condition: Record<string, string> = known.ok
    ? { "if-match": (await known.json()).etag }
    : { "if-none-match": "*" };
  const headers = { "content-type": "application/octet-stream", ...condition };
  await send(api, `${paths.fileContent()}?${query(cluster, path)}`, { method: "PUT", body: text, headers });
}

/** A folder below home that is gone after the test. Answers its path. */
export async function withFolder(
  { api, cluster }: { api: Api; cluster: string },
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = `~/e2e-${crypto.randomUUID().slice(0, 8)}`;
  await act(api, { action: "folder", cluster, path, confirm: false });
  try {
    await use(path);
  } finally {
    await act(api, { action: "delete", cluster, paths: [path], permanent: true });
  }
}
