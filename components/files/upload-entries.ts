// What this tab uploads, beside the pages: one entry a file, and what the pages are told of it.
import type { Upload as TusUpload } from "tus-js-client";

/** A file that somebody chose or dropped, with the folders that it was in there. */
export type Candidate = {
  file: File;
  folders: string[];
  /** An empty folder: `file` has its name, and no content. */
  isFolder?: boolean;
  /** The portal's id of an upload that this file goes on with. */
  unfinished?: string;
};

export type UploadState = "waiting" | "running" | "paused" | "offline" | "exists" | "failed" | "done";
export type Upload = {
  id: number;
  /** What the portal calls it, as far as that is known. */
  uploadId: string | null;
  cluster: string;
  /** Encoded, as in the API. */
  folder: string;
  name: string;
  size: number;
  sent: number;
  state: UploadState;
  /** Why it is where it is, in a sentence, and what the cluster's program said. */
  detail: string | null;
  words: string | null;
};

export type Entry = {
  view: Upload;
  candidate: Candidate;
  overwrite: boolean;
  tus: TusUpload | null;
  /** `tus` is being made. */
  isBeginning: boolean;
  /** Ends the request that it is in with others. */
  batch: AbortController | null;
  /** Requests with others that found no answer: a file that cannot be read any more looks like that, too. */
  failedBatches: number;
  /** Rounds of tries in which the portal or the cluster could not do it. */
  busyRounds: number;
  /** Goes in a request of its own, which tells why it cannot be taken. */
  isAlone: boolean;
};

const TELL_MS = 200;

export const entries = new Map<number, Entry>();
let lastId = 0;
let shown: readonly Upload[] = [];
let isDue = false;
const followers = new Set<() => void>();

/** For useSyncExternalStore. */
export const uploadStore = {
  all: () => shown,
  follow: (follower: () => void) => {
    followers.add(follower);
    return () => void followers.delete(follower);
  },
};

export function tell(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    shown = [...entries.values()].map(({ view }) => view);
    for (const follower of followers) follower();
  }, TELL_MS);
}

export function set(entry: Entry, change: Partial<Upload>): void {
  entry.view = { ...entry.view, ...change };
  tell();
}

/** Takes a file on; it waits. */
export function newEntry(candidate: Candidate, to: { cluster: string; folder: string; overwrite: boolean }): Entry {
  lastId += 1;
  const name = [...candidate.folders, candidate.file.name].join("/");
  const { size } = candidate.file;
  const view: Upload = {
    ...{ id: lastId, cluster: to.cluster, folder: to.folder, name, size, sent: 0, state: "waiting" },
    ...{ uploadId: candidate.unfinished ?? null, detail: null, words: null },
  };
  const fresh = { tus: null, isBeginning: false, batch: null, failedBatches: 0, busyRounds: 0, isAlone: false };
  const entry = { view, candidate, overwrite: to.overwrite, ...fresh };
  entries.set(lastId, entry);
  return entry;
}
