"use client";
// A folder's entries as they stream in. Drawn in growing steps, so that sorting a hundred thousand is not done a hundred times.
import { useCallback, useEffect, useState } from "react";
import { fetchApi } from "@/components/api";
import { linesOf } from "@/components/files/lines";
import { PortalError } from "@/lib/errors";
import type { FileEntry, FolderHead, FolderSpace, ListingLine } from "@/lib/files/schema";
import { api } from "@/lib/paths";

export type Listing = {
  head: FolderHead | null;
  entries: FileEntry[];
  isComplete: boolean;
  /** What the cluster's own program had to say, of names that it could not look at. */
  words: string | null;
  error: Error | null;
};

const none: Listing = { head: null, entries: [], isComplete: false, words: null, error: null };
const firstStepMs = 80;
const longestStepMs = 1500;

type Where = { cluster: string; path: string };
type Reading = {
  where: Where;
  signal: AbortSignal;
  show: (listing: Listing) => void;
  onRoom: (room: FolderSpace) => void;
};

async function read({ where, signal, show, onRoom }: Reading): Promise<void> {
  let listing: Listing = { ...none, entries: [] };
  let shownAt = performance.now();
  let stepMs = firstStepMs;
  const response = await fetchApi(api.files(), { query: where, signal });
  for await (const line of linesOf<ListingLine>(response)) {
    if (line.kind === "space") {
      onRoom(line);
      continue;
    }
    if (line.kind === "folder") listing = { ...listing, head: line };
    // Added to the same array: a copy for each batch of a hundred thousand would be quadratic. It is copied when shown.
    else if (line.kind === "entries") for (const entry of line.entries) listing.entries.push(entry);
    else listing = { ...listing, isComplete: true, words: line.words };
    if (!listing.isComplete && performance.now() - shownAt < stepMs) continue;
    show({ ...listing, entries: [...listing.entries] });
    shownAt = performance.now();
    stepMs = Math.min(longestStepMs, stepMs * 2);
  }
  if (!listing.isComplete)
    throw new PortalError("unavailable", "The connection broke off before everything was listed.");
}

/** Lists `path`; `reload` asks again and keeps what is shown until the new list is there. `room` is known after the listing. */
export function useListing(where: Where): Listing & { room: FolderSpace | null; reload: () => void } {
  const { cluster, path } = where;
  const [listing, setListing] = useState(none);
  const [room, setRoom] = useState<FolderSpace | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    const again = round > 0;
    let isWhole = false;
    const show = (next: Listing) => {
      isWhole = next.isComplete;
      if (!leaving.signal.aborted && (next.isComplete || !again)) setListing(next);
    };
    const onRoom = (said: FolderSpace) => leaving.signal.aborted || setRoom(said);
    read({ where: { cluster, path }, signal: leaving.signal, show, onRoom }).catch((error: Error) => {
      // Of a listing that is whole only the room is not known.
      if (!leaving.signal.aborted && !isWhole) setListing((before) => ({ ...before, error, isComplete: true }));
    });
    return () => leaving.abort();
  }, [cluster, path, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...listing, room, reload };
}
