// A folder, or some of what is in it, as one zip or tar that comes while it is made: tar(1) reads as the person and follows no link,
// the portal turns what comes into a zip, or passes it on. What could not be read is named in berth-errors.txt at the end.
import { Readable } from "node:stream";
import type { PersonActor } from "@/lib/actor";
import type { RunningProgram } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import { recordFileEvent } from "@/lib/files/audit";
import { attachment, inert } from "@/lib/files/disposition";
import { headAndRest } from "@/lib/files/fields";
import { maxNameBytes } from "@/lib/files/names/schema";
import { filePlace, pathBytes, scriptFault, start } from "@/lib/files/place";
import { displayText, encodePath, joinPath, splitPath } from "@/lib/files/rules";
import { word } from "@/lib/files/script";
import { tarEnd, tarHeader, tarPadding } from "@/lib/files/tar/rules";
import { type TarEntry, tarBytes, tarEntries } from "@/lib/files/tar-reader";
import { type ZipFile, zip } from "@/lib/files/zip-writer";
import { gathered } from "@/lib/http/gathered";
import { streamed } from "@/lib/http/line-stream";

// Names come as lines of spelled words. With ./ before them none is an option; --null takes each as it is. The folder itself is
// . alone: some readers of zips show nothing of what is called ./. in them.
const PACK = `
enter "$1"
[ -r . ] || exit 23
printf '%s\\0' "$HERE"
while read -r name; do raw "$name"; [ "$R" = . ] || R=./$R; printf '%s\\0' "$R"; done |
  exec tar --create --format=gnu --hard-dereference --ignore-failed-read --null --files-from=- --file=-`;

const KINDS = { file: 0o100000, folder: 0o040000, link: 0o120000 };
const slash = Buffer.from("/");

export type ArchiveWish = { cluster: string; path: string; names?: string; format: "zip" | "tar" };

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** An entry as the zip has it, or null for what a zip cannot hold. */
function zipFile({ type, name, target, size, mode, modifiedAt, body }: TarEntry, prefix: Buffer): ZipFile | null {
  if (type === "other") return null;
  const plain = name.subarray(name.indexOf("./") === 0 ? 2 : 0);
  const full = Buffer.concat([prefix, plain]);
  const file = { name: full, mode: KINDS[type] | mode, modifiedAt, size, body };
  if (type === "link") return { ...file, size: target.length, body: once(target) };
  if (type === "file" || full.length === 0) return full.length === 0 ? null : file;
  return { ...file, name: full.at(-1) === 0x2f ? full : Buffer.concat([full, slash]) };
}

/** As many as are named of what a zip cannot hold, each no longer than a path: there may be no end of them. */
const MOST_NAMED = 1000;
const LONGEST_NAME = 4096;

type Source = { entries: AsyncIterable<TarEntry>; prefix: Buffer; words: () => Promise<string> };

const noticeOf = (lines: string): Buffer =>
  Buffer.from(`These are not in this archive, or not as they are on the cluster:\n\n${lines}\n`);

async function* zipFiles({ entries, prefix, words }: Source): AsyncGenerator<ZipFile> {
  const left: string[] = [];
  let others = 0;
  for await (const entry of entries) {
    const file = zipFile(entry, prefix);
    if (file) yield file;
    else if (entry.type === "other") {
      others += 1;
      const name = displayText(entry.name.subarray(0, LONGEST_NAME));
      if (others <= MOST_NAMED) left.push(`${name}: not a regular file, folder or link`);
    }
  }
  if (others > MOST_NAMED) left.push(`and ${others - MOST_NAMED} more that are not regular files, folders or links`);
  const said = await words();
  const all = [...left, ...(said ? [said] : [])].join("\n");
  if (all === "") return;
  const content = noticeOf(all);
  const name = Buffer.concat([prefix, Buffer.from("berth-errors.txt")]);
  yield { name, mode: 0o100644, modifiedAt: new Date(), size: content.length, body: once(content) };
}

type Opened = { path: string; names: string[]; rest: AsyncGenerator<Buffer>; exit: RunningProgram["exit"] };

async function open(actor: PersonActor, wish: ArchiveWish, signal: AbortSignal): Promise<Opened> {
  const names = wish.names === undefined ? ["."] : wish.names.split("/").filter((name) => name !== "");
  if (names.length === 0) throw new PortalError("invalid", "Choose what to take.");
  const bytes = names.map(pathBytes);
  if (wish.names !== undefined && bytes.some((name) => /^\.{1,2}$/.test(displayText(name)) || name.includes(0x2f))) {
    throw new PortalError("invalid", "A name in it stands for a folder itself.");
  }
  // It would be in a header of the answer, longer than proxies and clients take.
  if (bytes.some((name) => name.length > maxNameBytes)) {
    throw new PortalError("invalid", `A name has at most ${maxNameBytes} bytes.`);
  }
  const place = await filePlace(actor, wish.cluster);
  const stdin = Readable.from(bytes.map((name) => Buffer.from(`${word(name)}\n`)));
  const running = await start(place, { script: PACK, args: [pathBytes(wish.path)], stdin, signal });
  const { head, rest } = await headAndRest(running.stdout, 1);
  if (head.length === 0) {
    const { code, stderr } = await running.exit;
    throw scriptFault(code, stderr);
  }
  return { path: encodePath(head[0] ?? Buffer.alloc(0)), names, rest, exit: running.exit };
}

/** What tar(1) ends with where it did its work but for some files; anything above is no work of its own. */
const SOME_FAILED = 2;

/** What tar(1) said of files that it left out. Throws when it was ended. */
async function wordsOf({ exit }: Opened): Promise<string> {
  const { code, stderr } = await exit;
  if (code > SOME_FAILED) throw scriptFault(code, stderr);
  const lines = Buffer.from(stderr).toString("latin1").split("\n");
  const shown = lines.map((line) => displayText(Buffer.from(line, "latin1")));
  return shown.join("\n").trim();
}

function zipped(opened: Opened, isWhole: boolean): AsyncGenerator<Buffer> {
  const { name } = splitPath(opened.path);
  const prefix = isWhole && name !== "" ? Buffer.concat([pathBytes(name), slash]) : Buffer.alloc(0);
  return zip(zipFiles({ entries: tarEntries(opened.rest), prefix, words: () => wordsOf(opened) }));
}

/** tar(1)'s own, with the same notice as in a zip before its end. */
async function* tarred(opened: Opened): AsyncGenerator<Uint8Array> {
  yield* tarBytes(opened.rest);
  const words = await wordsOf(opened);
  if (words !== "") {
    const content = noticeOf(words);
    yield tarHeader({ name: Buffer.from("./berth-errors.txt"), kind: "file", size: content.length, mode: 0o644 });
    yield content;
    yield tarPadding(content.length);
  }
  yield tarEnd();
}

/** The archive as an HTTP answer. */
export async function archiveFiles(actor: PersonActor, wish: ArchiveWish, request: Request): Promise<Response> {
  const opened = await open(actor, wish, request.signal);
  const { path, names } = opened;
  const isWhole = wish.names === undefined;
  const paths = isWhole ? [path] : names.map((name) => joinPath(path, name));
  await recordFileEvent(actor, { action: "file.downloaded", cluster: wish.cluster, paths, data: { as: wish.format } });
  const one = names.length === 1 && !isWhole ? names[0] : undefined;
  const title = one ?? (splitPath(path).name || "files");
  const make = () => gathered(wish.format === "tar" ? tarred(opened) : zipped(opened, isWhole));
  const body = await streamed(request, make);
  const type = wish.format === "tar" ? "application/x-tar" : "application/zip";
  const headers = { ...inert, "content-type": type, "content-disposition": attachment(`${title}.${wish.format}`) };
  return new Response(body, { headers: { ...headers, "cache-control": "no-store" } });
}
