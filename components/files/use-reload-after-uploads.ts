"use client";
// Reads a folder again when uploads into it are done: not after each of ten thousand, and surely after the last.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { fileKeys } from "@/components/files/queries";
import { useUploads } from "@/components/files/upload-panel";

const restMs = 400;

type Options = { cluster: string; folder: string; reload: () => void };

export function useReloadAfterUploads({ cluster, folder, reload }: Options): void {
  const client = useQueryClient();
  // A folder that is dropped goes on below the one that it was dropped into.
  const isBelow = (upper: string) => folder === upper || folder.startsWith(`${upper.replace(/\/+$/, "")}/`);
  const done = useUploads().filter(
    (upload) => upload.state === "done" && upload.cluster === cluster && isBelow(upload.folder),
  ).length;
  const seen = useRef(done);
  useEffect(() => {
    // Some were taken off the list.
    if (done < seen.current) seen.current = done;
    if (done === seen.current) return;
    const timer = setTimeout(() => {
      seen.current = done;
      reload();
      void client.invalidateQueries({ queryKey: fileKeys.uploads });
    }, restMs);
    return () => clearTimeout(timer);
  }, [done, reload, client]);
}
