// Listing a folder: one find(1) as the person, passed on in batches while it runs, so that a hundred thousand names neither
// wait for each other nor fill memory.
import type { PersonActor } from "@/lib/actor";
import type { RunningProgram } from "@/lib/clusters/run";
import { config } from "@/lib/config";
import { PortalError } from "@/lib/errors";
import { records, splitFields } from "@/lib/files/fields";
import { ask, type FilePlace, filePlace, pathBytes, scriptFault, start } from "@/lib/files/place";
import { dateOf, displayText, encodeName, encodePath, joinPath } from "@/lib/files/rules";
import type { FileEntry, FileRoot, FileRoots, FileType, FolderHead, ListingLine } from "@/lib/files/schema";
import { readSpace } from "@/lib/files/space";

const BATCH = 500;
/** A batch of long names and links is shorter. */
const BATCH_BYTES = 2 ** 20;
/** What df and quota say; names and links are shorter. */
const LONGEST_FIELD = 64 * 1024;
const HEAD_FIELDS = 6;
const ENTRY_FIELDS = 8;
/** A file system that hangs gives no answer at all. */
const QUIET_SECONDS = 20;

// A file system that does not answer must not keep the listing from coming.
// find's %Y looks at what each link leads to: links are tried before the listing, and not followed where one does not answer.
export const LIST = `
enter "$1"
[ -r . ] || exit 23
writable=no; [ -w . ] && writable=yes
printf '%s\\0' "$HERE" "$ROOT" "$writable" "$(stat -c '%a %U/%G' .)" \\
  "$(timeout 2 df -P -k . 2>/dev/null)" "$(command -v quota >/dev/null 2>&1 && timeout 2 quota -w 2>/dev/null)"
target=%Y
timeout -k 1 3 find . -mindepth 1 -maxdepth 1 -type l -printf %Y >/dev/null 2>&1
case $? in 124 | 137) target=U; echo "What links in here lead to did not answer in time." >&2 ;; esac
exec find . -mindepth 1 -maxdepth 1 -printf "%y$target"'\\0%s\\0%m\\0%T@\\0%u\\0%g\\0%f\\0%l\\0'`;

const types: Record<string, FileType> = {
  ...{ f: "file", d: "folder", l: "link", p: "fifo", s: "socket", c: "device", b: "device" },
};
const four = (mode: string): string => mode.padStart(4, "0");

/** Of find's `%y%Y`: what the link leads to, if anything. */
const leadsTo = (letter: string): FileType | null => ("NL?".includes(letter) ? null : (types[letter] ?? "unknown"));

function entryOf(folder: string, values: Buffer[]): FileEntry {
  const [kind = "", size, mode = "", at, owner = "", group = ""] = values.slice(0, 6).map((value) => value.toString());
  const [name = Buffer.alloc(0), link = Buffer.alloc(0)] = values.slice(6);
  const type = types[kind[0] ?? ""] ?? "unknown";
  return {
    ...{ type, name: displayText(name), path: joinPath(folder, encodeName(name)) },
    ...{ size: Number(size), mode: four(mode), owner, group },
    modifiedAt: dateOf(Number(at)).toISOString(),
    target: type === "link" ? { text: displayText(link), type: leadsTo(kind[1] ?? "?") } : null,
  };
}

function headOf(values: Buffer[]): FolderHead {
  const [path = Buffer.alloc(0), root = Buffer.alloc(0), writable, facts = "", df = "", quota = ""] = values.map(
    (value, at) => (at < 2 ? value : value.toString()),
  ) as [Buffer, Buffer, ...string[]]; // The first two are paths, which are bytes.
  const [, mode = "", owner = "", group = ""] = /^(\d+) (.*)\/(.*)$/.exec(facts) ?? [];
  const encoded = encodePath(path);
  return {
    kind: "folder",
    path: encoded,
    name: displayText(path.subarray(path.lastIndexOf(0x2f) + 1)) || "/",
    root: encodePath(root) || "/",
    ...{ mode: four(mode), owner, group, writable: writable === "yes" },
    ...readSpace(df, quota),
  };
}

/** The lines of a listing. The first comes once the folder is open; throws before it when there is none to list. */
export async function* listFiles(
  actor: PersonActor,
  where: { cluster: string; path: string },
  signal: AbortSignal,
): AsyncGenerator<ListingLine> {
  const place = await filePlace(actor, where.cluster);
  const late = new AbortController();
  const arm = () => setTimeout(() => late.abort(), QUIET_SECONDS * 1000);
  let timer: NodeJS.Timeout | undefined;
  try {
    const any = AbortSignal.any([signal, late.signal]);
    const running = await start(place, { script: LIST, args: [pathBytes(where.path)], signal: any });
    // Dialling and logging in take their own time.
    timer = arm();
    for await (const line of linesOf(running, () => timer?.refresh())) {
      // How long the reader takes is not the cluster's.
      clearTimeout(timer);
      yield line;
      timer = arm();
    }
  } catch (error) {
    if (!late.signal.aborted) throw error;
    throw new PortalError("cluster_timeout", `The folder did not answer for ${QUIET_SECONDS} s.`);
  } finally {
    clearTimeout(timer);
  }
}

async function* linesOf(running: RunningProgram, onRecord: () => void): AsyncGenerator<ListingLine> {
  let head: FolderHead | null = null;
  let entries: FileEntry[] = [];
  let count = 0;
  let bytes = 0;
  const shape = { first: HEAD_FIELDS, others: ENTRY_FIELDS, longest: LONGEST_FIELD };
  for await (const values of records(running.stdout, shape)) {
    onRecord();
    if (head) entries.push(entryOf(head.path, values));
    else {
      head = headOf(values);
      yield head;
    }
    bytes += values.reduce((sum, { length }) => sum + length, 0);
    if (entries.length < BATCH && bytes < BATCH_BYTES) continue;
    count += entries.length;
    yield { kind: "entries", entries };
    entries = [];
    bytes = 0;
  }
  const { code, stderr } = await running.exit;
  if (!head) throw scriptFault(code, stderr);
  if (entries.length > 0) yield { kind: "entries", entries };
  const words = displayText(stderr.subarray(0, 500)).trim() || null;
  yield { kind: "end", count: count + entries.length, words };
}

const ROOTS = `
for root in "$@"; do
  at=$(real "$root") || at=
  at=\${at%"$NL".}
  writable=no; [ -z "$at" ] || timeout -k 1 2 test -w "$at" && writable=yes
  printf '%s\\0%s\\0' "$at" "$writable"
done`;

async function askRoots(place: FilePlace): Promise<FileRoot[]> {
  const answer = await ask(place, { script: ROOTS, args: place.roots.map(({ path }) => path) });
  const values = splitFields(answer);
  return place.roots.flatMap(({ title }, at) => {
    const path = values[2 * at] ?? Buffer.alloc(0);
    if (path.length === 0) return [];
    const writable = values[2 * at + 1]?.toString() === "yes";
    return [{ title, path: encodePath(path), name: displayText(path), writable }];
  });
}

/** The configured roots that are there for this person, and whether what is deleted there can come back. */
export async function listRoots(actor: PersonActor, name: string): Promise<FileRoots> {
  return { items: await askRoots(await filePlace(actor, name)), nextCursor: null, trash: config().files.trash };
}
