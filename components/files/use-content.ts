"use client";
// The bytes of a file for a view that needs all of them, up to a limit.
import { useQuery } from "@tanstack/react-query";
import { fetchApi } from "@/components/api";
import type { ViewProps } from "@/components/files/file-view";
import { PortalError } from "@/lib/errors";
import { api } from "@/lib/paths";
import { formatBytes } from "@/lib/units";

/** Fails with a sentence when the file has more than `mostBytes`. */
export function useContent({ cluster, path }: ViewProps, mostBytes: number) {
  return useQuery({
    queryKey: ["files", "content", cluster, path],
    queryFn: async ({ signal }) => {
      const leaving = new AbortController();
      const response = await fetchApi(api.fileContent(), {
        query: { cluster, path },
        signal: AbortSignal.any([signal, leaving.signal]),
      });
      const size = Number(response.headers.get("content-length"));
      if (size <= mostBytes) return response.arrayBuffer();
      leaving.abort();
      const words = `${formatBytes(size)} is too large to show here (at most ${formatBytes(mostBytes)}). Download it.`;
      throw new PortalError("invalid", words);
    },
    // Read once a visit: whoever reads page 40 of it does not want it anew.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
    gcTime: 0,
  });
}
