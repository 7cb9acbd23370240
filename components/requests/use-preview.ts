"use client";
// What policy, quota and the scheduler say of the request, asked while one types: the verdict soon, the scheduler's estimate when one pauses.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask } from "@/components/api";
import { previewKey } from "@/components/requests/preview-keys";
import { api } from "@/lib/paths";
import type { RequestPreview, ResourceRequest } from "@/lib/sessions/schema";

// Policy is cheap to ask; the estimate costs the scheduler a question, so it waits until one pauses.
const verdictAfterMs = 250;
const estimateAfterMs = 900;

export type Preview = {
  verdict: RequestPreview["verdict"] | null;
  command: string[] | null;
  estimate: RequestPreview["estimate"];
  /** When the scheduler was asked for it, in milliseconds. */
  estimatedAt: number;
  /** Being asked, or about to be. */
  checking: boolean;
  estimating: boolean;
  error: Error | null;
};

function useSettled(text: string, afterMs: number): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), afterMs);
    return () => clearTimeout(timer);
  }, [text, afterMs]);
  return settled;
}

function usePart(text: string, { estimate, enabled }: { estimate: "yes" | "no"; enabled: boolean }) {
  return useQuery({
    queryKey: [...previewKey(estimate), text],
    queryFn: ({ signal }) =>
      ask<"preview">(api.preview(), { method: "POST", body: JSON.parse(text), query: { estimate }, signal }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 20_000,
    // Looking away and back changes nothing about the request, but it does about when it would start.
    refetchOnWindowFocus: estimate === "yes",
  });
}

/** `complete`: all that the API needs is there. */
export function usePreview(request: ResourceRequest, complete: boolean): Preview {
  const text = JSON.stringify(request);
  const soon = useSettled(text, verdictAfterMs);
  const later = useSettled(text, estimateAfterMs);
  const verdict = usePart(soon, { estimate: "no", enabled: complete });
  const allowed = verdict.data?.verdict.allowed === true && !verdict.isError;
  const estimate = usePart(later, { estimate: "yes", enabled: complete && allowed && soon === later });
  const checking = soon !== text || verdict.isFetching;
  const estimating = checking || later !== text || estimate.isFetching;
  return {
    verdict: verdict.isError ? null : (verdict.data?.verdict ?? null),
    command: verdict.data?.command ?? null,
    estimate: allowed && !estimate.isPlaceholderData ? (estimate.data?.estimate ?? null) : null,
    estimatedAt: estimate.dataUpdatedAt,
    checking,
    estimating: allowed && estimating,
    error: verdict.error ?? estimate.error,
  };
}
