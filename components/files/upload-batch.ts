// Small files that wait are sent together: a request and a program on the cluster for each of ten thousand would take minutes.
import { type BatchFault, sendBatch } from "@/components/files/send-batch";
import { type Entry, entries, set } from "@/components/files/upload-entries";
import { encodeTyped, isHiddenFolder, needsConfirmation } from "@/lib/files/rules";

const MIB = 1024 ** 2;
/** What goes with others in one request, and how much goes together: it is sent again when that breaks off. */
const SMALL_BYTES = MIB;
const BATCH_FILES = 1000;
const BATCH_BYTES = 16 * MIB;
const MOST_FAILED_BATCHES = 2;

const isSmall = ({ view, candidate, overwrite, isAlone, tus, isBeginning }: Entry): boolean =>
  view.size <= SMALL_BYTES && !candidate.unfinished && !overwrite && !isAlone && !tus && !isBeginning;

/** `first`, and the small ones that wait for the same folder, as far as they go in one request. */
export function sharing(first: Entry): Entry[] {
  if (!isSmall(first)) return [first];
  const found: Entry[] = [];
  let bytes = 0;
  for (const entry of entries.values()) {
    const { state, cluster, folder, size } = entry.view;
    if (state !== "waiting" || cluster !== first.view.cluster || folder !== first.view.folder || !isSmall(entry))
      continue;
    found.push(entry);
    bytes += size;
    if (found.length >= BATCH_FILES || bytes >= BATCH_BYTES) break;
  }
  return found;
}

const namesOf = ({ candidate: { file, folders } }: Entry): string[] => [...folders, file.name];

/** Answers those that no answer came for. */
function batchFailed(together: Entry[], { status, message, words }: BatchFault): Entry[] {
  const passes = status === 0 || status === 429 || status >= 500;
  // A folder has no request of another kind that would tell more.
  const isOfOne = together.length > 1 && (status === 400 || status === 409 || status === 422);
  for (const entry of together) {
    // Paused or cancelled meanwhile, which is why it was broken off: the others go on.
    if (entry.view.state !== "running") continue;
    if (!passes && !isOfOne) {
      // The login has ended: they go on after the next one.
      set(entry, { state: status === 401 ? "paused" : "failed", detail: message, words });
      continue;
    }
    if (passes && !entry.batch?.signal.aborted) entry.failedBatches += 1;
    entry.isAlone = isOfOne || entry.failedBatches >= MOST_FAILED_BATCHES;
    const goesOn = isOfOne || entry.batch?.signal.aborted;
    set(entry, { state: goesOn ? "waiting" : "offline", detail: message, words, sent: 0 });
  }
  return together.filter(({ view }) => view.state === "offline");
}

function batchDone(together: Entry[], left: Map<string, "exists" | "other">): void {
  for (const entry of together) {
    if (!entries.has(entry.view.id)) continue;
    const why = left.get(namesOf(entry).map(encodeTyped).join("/"));
    if (why === "exists") set(entry, { state: "exists", sent: 0 });
    else if (why === "other" && entry.candidate.isFolder)
      set(entry, { state: "failed", detail: "There is something else of that name." });
    else if (why === "other") {
      entry.isAlone = true;
      set(entry, { state: "waiting", sent: 0 });
    } else set(entry, { state: "done", sent: entry.view.size });
  }
}

/** Several small files in one request. Answers those that are to be tried again later. */
export async function beginBatch(together: Entry[]): Promise<{ lost: Entry[] }> {
  const [first] = together;
  if (!first) return { lost: [] };
  const control = new AbortController();
  for (const entry of together) entry.batch = control;
  const { cluster, folder } = first.view;
  const isHidden = (entry: Entry) => namesOf(entry).some((name) => needsConfirmation(encodeTyped(name)));
  const confirm = isHiddenFolder(folder) || together.some(isHidden);
  const files = together.map(({ candidate }) => candidate);
  const progress = (share: number) => {
    for (const entry of together)
      if (entry.view.state === "running") set(entry, { sent: Math.floor(share * entry.view.size) });
  };
  try {
    const { left } = await sendBatch(files, { cluster, folder, confirm }, { progress, signal: control.signal });
    batchDone(together, new Map(left.map(({ path, why }) => [path, why])));
    return { lost: [] };
  } catch (error) {
    // What sendBatch throws.
    return { lost: batchFailed(together, error as BatchFault) };
  } finally {
    for (const entry of together) if (entry.batch === control) entry.batch = null;
  }
}
