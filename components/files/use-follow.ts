"use client";
// Reads the end of a file and then what is added to it, by ranges: a log of gigabytes costs what is shown of it.
import { useEffect, useState } from "react";
import { contentHref } from "@/components/files/downloads";
import type { ViewProps } from "@/components/files/file-view";
import { type Came, rounds } from "@/components/files/follow-rounds";
import { type Followed, follower, type Part } from "@/components/files/follower";

/** "bytes 10-19/20" or, beyond the end, "bytes *\/20". */
const rangeOf = (header: string | null) => {
  const [, from, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(header ?? "") ?? [];
  return { from: from === undefined ? null : Number(from), size: Number(size ?? 0) };
};

/** The entity tag begins with the inode. */
const inodeOf = (tag: string | null): string | null => /^"(\d+)-/.exec(tag ?? "")?.[1] ?? null;

type Wish = { href: string; range: string; signal: AbortSignal };

/** One part of a file. Throws what the portal says of it. */
async function partOf({ href, range, signal }: Wish): Promise<Part> {
  const response = await fetch(href, { headers: { range }, signal });
  if (response.status !== 206 && response.status !== 416) {
    const problem: { detail?: string } = await response.json().catch(() => ({}));
    throw new Error(problem.detail ?? `The portal answered with status ${response.status}.`);
  }
  const bytes = response.status === 206 ? new Uint8Array(await response.arrayBuffer()) : new Uint8Array();
  return { ...rangeOf(response.headers.get("content-range")), inode: inodeOf(response.headers.get("etag")), bytes };
}

/** Follows one file while `isOn`; what was read stays otherwise. Another file needs another component. */
export function useFollow({ cluster, path }: ViewProps, isOn: boolean): Followed & { error: Error | null } {
  const [following] = useState(follower);
  const [shown, setShown] = useState<Followed & { error: Error | null }>({ ...following.followed(), error: null });
  useEffect(() => {
    if (!isOn) return;
    const href = contentHref(cluster, path);
    const leaving = new AbortController();
    const { signal } = leaving;
    const ask = async (): Promise<Came> => {
      try {
        const part = await partOf({ href, range: following.range(), signal });
        const isAnew = following.take(part);
        setShown({ ...following.followed(), error: null });
        return isAnew ? "anew" : "more";
      } catch (error) {
        // What fetch throws, and partOf.
        if (!signal.aborted) setShown({ ...following.followed(), error: error as Error });
        return "nothing";
      }
    };
    const end = rounds(ask, document);
    return () => {
      end();
      leaving.abort();
    };
  }, [cluster, path, isOn, following]);
  return shown;
}
