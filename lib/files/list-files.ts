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
const HEAD_FIELDS = 4;
const ENTRY_FIELDS = 8;
/** A file system that hangs gives no answer at all. */
const QUIET_SECONDS = 20;
const SPACE_SECONDS = 6;

/** What find(1) ends with where it went on to the end, whatever it could not look at. */
const SOME_FAILED = 1;

// find's %Y looks at what each link leads to: links are tried before the listing, and not followed where one does not answer.
// What says how much room there is may not answer either: it is asked when all else is said. After the head come records of
// entries, then one called "end" with find's exit code and words, then one called "space".
export const LIST = `
enter "$1"
[ -r . ] || exit 23
writable=no; [ -w . ] && writable=yes
printf '%s\\0' "$HERE" "$ROOT" "$writable" "$(stat -c '%a %U/%G' .)"
target=%Y slow=
timeout -k 1 3 find . -mindepth 1 -maxdepth 1 -type l -printf %Y >/dev/null 2>&1
case $? in 124 | 137) target=U slow="What links in here lead to did not answer in time.$NL" ;; esac
exec 4>&1
said=$(find . -mindepth 1 -maxdepth 1 -printf "%y$target"'\\0%s\\0%m\\0%T@\\0%u\\0%g\\0%f\\0%l\\0' 2>&1 >&4)
printf 'end\\0%s\\0%.500s\\0\\0\\0\\0\\0\\0' "$?" "$slow$said"
printf 'space\\0%s\\0%s\\0\\0\\0\\0\\0\\0' "$(timeout 2 df -P -k . 2>/dev/null)" \\
  "$(command -v quota >/dev/null 2>&1 && timeout 2 quota -w 2>/dev/null)"`;

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
  const [path = Buffer.alloc(0), root = Buffer.alloc(0), writable, facts = ""] = values.map((value, at) =>
    at < 2 ? value : value.toString(),
  ) as [Buffer, Buffer, ...string[]]; // The first two are paths, which are bytes.
  const [, mode = "", owner = "", group = ""] = /^(\d+) (.*)\/(.*)$/.exec(facts) ?? [];
  const encoded = encodePath(path);
  return {
    kind: "folder",
    path: encoded,
    name: displayText(path.subarray(path.lastIndexOf(0x2f) + 1)) || "/",
    root: encodePath(root) || "/",
    ...{ mode: four(mode), owner, group, writable: writable === "yes" },
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
  let timer: NodeJS.Timeout | undefined;
  // Behind the names come df and quota, which a file server may never answer: a listing is whole without them.
  let isWhole = false;
  const arm = () => setTimeout(() => late.abort(), (isWhole ? SPACE_SECONDS : QUIET_SECONDS) * 1000);
  try {
    const any = AbortSignal.any([signal, late.signal]);
    const running = await start(place, { script: LIST, args: [pathBytes(where.path)], signal: any });
    // Dialling and logging in take their own time.
    timer = arm();
    for await (const line of linesOf(running, () => timer?.refresh())) {
      // How long the reader takes is not the cluster's.
      clearTimeout(timer);
      yield line;
      isWhole ||= line.kind === "end";
      timer = arm();
    }
  } catch (error) {
    if (!late.signal.aborted) throw error;
    if (isWhole) return;
    throw new PortalError("cluster_timeout", `The folder did not answer for ${QUIET_SECONDS} s.`);
  } finally {
    clearTimeout(timer);
  }
}

/** Throws when find(1) was ended before it was done: what it said until then is no listing. */
function endOf([, exit, said = Buffer.alloc(0)]: Buffer[], count: number): ListingLine {
  const code = Number(exit);
  if (code > SOME_FAILED) throw scriptFault(code, said);
  return { kind: "end", count, words: displayText(said).replaceAll("␊", " ").trim() || null };
}

/** The lines of a listing that runs. `onRecord` hears that it goes on. */
export async function* linesOf(running: RunningProgram, onRecord: () => void): AsyncGenerator<ListingLine> {
  let head: FolderHead | null = null;
  let held: FileEntry[] = [];
  let count = 0;
  let bytes = 0;
  let isWhole = false;
  const heldLines = (): ListingLine[] => {
    const entries = held;
    held = [];
    bytes = 0;
    return entries.length > 0 ? [{ kind: "entries", entries }] : [];
  };
  const shape = { first: HEAD_FIELDS, others: ENTRY_FIELDS, longest: LONGEST_FIELD };
  for await (const values of records(running.stdout, shape)) {
    onRecord();
    const kind = values[0]?.toString();
    if (!head) {
      head = headOf(values);
      yield head;
    } else if (kind === "end") {
      yield* heldLines();
      yield endOf(values, count);
      isWhole = true;
    } else if (kind === "space") yield readSpace(String(values[1]), String(values[2]));
    else {
      held.push(entryOf(head.path, values));
      count += 1;
      bytes += values.reduce((sum, { length }) => sum + length, 0);
      if (held.length >= BATCH || bytes >= BATCH_BYTES) yield* heldLines();
    }
  }
  const { code, stderr } = await running.exit;
  if (!isWhole) throw scriptFault(code, stderr);
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
