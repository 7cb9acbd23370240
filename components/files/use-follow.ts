"use client";
// Reads the end of a file and then what is added to it, by ranges: a log of gigabytes costs what is shown of it.
import { useEffect, useState } from "react";
import { contentHref } from "@/components/files/downloads";
import type { ViewProps } from "@/components/files/file-view";

const firstBytes = 256 * 1024;
const mostLetters = 1024 * 1024;
const restMs = 2000;

type Followed = { text: string; isCut: boolean; isRestarted: boolean; error: Error | null };
const nothing: Followed = { text: "", isCut: false, isRestarted: false, error: null };

// biome-ignore lint/suspicious/noControlCharactersInRegex: removing what colours a terminal is the purpose.
const noise = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** "bytes 10-19/20" or, beyond the end, "bytes *\/20". */
const rangeOf = (header: string | null) => {
  const [, from, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(header ?? "") ?? [];
  return { from: from === undefined ? null : Number(from), size: Number(size ?? 0) };
};

/** Follows while `isOn`; what was read stays otherwise. */
export function useFollow({ cluster, path }: ViewProps, isOn: boolean): Followed {
  const [followed, setFollowed] = useState(nothing);
  const [at, setAt] = useState<{ seen: number | null }>({ seen: null });
  useEffect(() => {
    if (!isOn) return;
    const leaving = new AbortController();
    const ask = async () => {
      const range = at.seen === null ? `bytes=-${firstBytes}` : `bytes=${at.seen}-`;
      const response = await fetch(contentHref(cluster, path), { headers: { range }, signal: leaving.signal });
      const { from, size } = rangeOf(response.headers.get("content-range"));
      if (response.status === 416) {
        // Smaller than what was seen: it was emptied, or another file has its name.
        if (at.seen !== null && size < at.seen) {
          setFollowed({ ...nothing, isRestarted: true });
          return setAt({ seen: null });
        }
        return setAt({ seen: size });
      }
      if (!response.ok) throw new Error(`${response.status}`);
      const bytes = await response.arrayBuffer();
      const added = new TextDecoder().decode(bytes).replace(noise, "");
      setFollowed((before) => ({
        text: (before.text + added).slice(-mostLetters),
        isCut: before.isCut || (at.seen === null && (from ?? 0) > 0) || before.text.length + added.length > mostLetters,
        isRestarted: before.isRestarted,
        error: null,
      }));
      setAt({ seen: (from ?? 0) + bytes.byteLength });
    };
    const failed = (error: Error) => {
      if (leaving.signal.aborted) return;
      setFollowed((before) => ({ ...before, error }));
      setAt({ seen: at.seen });
    };
    const timer = setTimeout(() => void ask().catch(failed), at.seen === null ? 0 : restMs);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [cluster, path, isOn, at]);
  return followed;
}
