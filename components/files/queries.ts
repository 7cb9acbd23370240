// What the file pages ask of the portal, except listings, which are streamed (use-listing.ts).
import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import type { FileText } from "@/lib/files/schema";
import { api } from "@/lib/paths";

export const fileKeys = {
  trash: ["files", "trash"] as const,
  uploads: ["files", "uploads"] as const,
  text: (cluster: string, path: string) => ["files", "text", cluster, path] as const,
  save: (cluster: string, path: string) => ["files", "save", cluster, path] as const,
};

const rootsAnswer = (cluster: string) =>
  queryOptions({
    queryKey: ["files", "roots", cluster],
    queryFn: ({ signal }) => ask<"fileRoots">(api.fileRoots(), { query: { cluster }, signal }),
    staleTime: 300_000,
  });

/** Where files begin on `cluster`. */
export const fileRoots = (cluster: string) => queryOptions({ ...rootsAnswer(cluster), select: ({ items }) => items });

/** Whether what is deleted on `cluster` can come back. */
export const hasTrash = (cluster: string) => queryOptions({ ...rootsAnswer(cluster), select: ({ trash }) => trash });

/** A text, and the etag with which it was read: saving it makes it another state of the same reading. */
export type ReadText = FileText & { readAs: string };

/** A text as it is now: asked anew each time somebody opens it, and never behind the back of whoever edits it. */
export const fileText = (cluster: string, path: string) =>
  queryOptions({
    queryKey: fileKeys.text(cluster, path),
    queryFn: async ({ signal }): Promise<ReadText> => {
      const found = await ask<"fileText">(api.fileText(), { query: { cluster, path }, signal });
      return { ...found, readAs: found.etag };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** What was deleted on `cluster`. */
export const trash = (cluster: string) =>
  queryOptions({
    queryKey: [...fileKeys.trash, cluster],
    queryFn: ({ signal }) => ask<"fileTrash">(api.fileTrash(), { query: { cluster }, signal }),
    select: (page) => page.items,
  });

/** What could go on: asked once a visit, and when something ended. */
export const unfinishedUploads = queryOptions({
  queryKey: fileKeys.uploads,
  queryFn: ({ signal }) => ask<"uploads">(api.uploads(), { signal }),
  select: (page) => page.items,
});
