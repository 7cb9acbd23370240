// Reading a regular file as the person: what stat(1) says of the opened descriptor first, then its bytes at the reader's pace.
import type { PersonActor } from "@/lib/actor";
import { PortalError } from "@/lib/errors";
import { headAndRest } from "@/lib/files/fields";
import { type FilePlace, filePlace, pathBytes, scriptFault, start } from "@/lib/files/place";
import { type Range, spanOf } from "@/lib/files/range";
import { dateOf, encodePath, splitPath } from "@/lib/files/rules";

const HEAD_SECONDS = 10;

// The same arithmetic as spanOf(). A file that grows meanwhile is read as far as it was.
const READ = `
opened "$1" "$2"
from=$3 to=$4 tag=\${FACTS%% *}; size=\${tag#*-}; size=\${size%%-*}
if [ -z "$from" ]; then from=$((size > \${to:-0} ? size - \${to:-0} : 0)); to=$((size - 1)); fi
[ -n "$to" ] && [ "$to" -lt "$size" ] || to=$((size - 1))
writable=no; [ -w "$REAL" ] && writable=yes
printf '%s\\0' "$FACTS" "$REAL" "$writable"
[ "$from" -gt "$to" ] || exec dd bs=1048576 iflag=skip_bytes,count_bytes skip="$from" count=$((to - from + 1)) <&3 2>/dev/null`;

export type FileFacts = {
  /** The real path, encoded. */
  path: string;
  tag: string;
  size: number;
  mode: string;
  modifiedAt: Date;
  writable: boolean;
};

export type OpenFile = {
  facts: FileFacts;
  /** What the range means; null: none of it is there. */
  span: { from: number; count: number } | null;
  /** Throws when the cluster gives fewer bytes than it promised. Returning early ends the program. */
  body: AsyncGenerator<Buffer>;
  /** For whoever does not read `body` at all: ends the program. */
  close: () => void;
};

function factsOf([facts, path, writable]: Buffer[]): FileFacts {
  const [tag = "", mode = ""] = facts?.toString().split(" ") ?? [];
  const [, size, modifiedAt] = tag.split("-", 3);
  return {
    path: encodePath(path ?? Buffer.alloc(0)),
    ...{ tag, size: Number(size), mode: mode.padStart(4, "0") },
    modifiedAt: dateOf(Number(modifiedAt)),
    writable: writable?.toString() === "yes",
  };
}

async function* exactly(source: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of source) {
    // Never more than was announced: what follows an answer on its connection is the next one.
    const wanted = chunk.subarray(0, left);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
  }
  if (left !== 0) throw new PortalError("cluster", "The file became shorter while it was read.");
}

type Wish = { path: string; range: Range | null; signal: AbortSignal };

/** Opens a file of `place`. Throws what is wrong with it; nothing was read then. */
export async function openFile(place: FilePlace, { path, range, signal }: Wish): Promise<OpenFile> {
  const { folder, name } = splitPath(path);
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const slow = () => new PortalError("cluster_timeout", `The file did not open within ${HEAD_SECONDS} s.`);
  try {
    const { from, to } = range ?? { from: 0, to: null };
    const args = [pathBytes(folder), pathBytes(name || "."), from ?? "", to ?? ""];
    const running = await start(place, { script: READ, args, signal: AbortSignal.any([signal, late.signal]) });
    // Dialling and logging in take their own time.
    timer = setTimeout(() => late.abort(), HEAD_SECONDS * 1000);
    const { head, rest } = await headAndRest(running.stdout, 3);
    if (head.length < 3) {
      const { code, stderr } = await running.exit;
      throw scriptFault(code, stderr);
    }
    const facts = factsOf(head);
    const span = spanOf(range, facts.size);
    return { facts, span, body: exactly(rest, span?.count ?? 0), close: () => running.stdout.destroy() };
  } catch (error) {
    throw late.signal.aborted ? slow() : error;
  } finally {
    clearTimeout(timer);
  }
}

export const openFileOf = async (actor: PersonActor, where: { cluster: string } & Wish): Promise<OpenFile> =>
  openFile(await filePlace(actor, where.cluster), where);
