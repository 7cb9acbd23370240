"use client";
// Asks for a terminal and goes to it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { ask } from "@/components/api";
import { terminalKey } from "@/components/terminals/queries";
import { leave } from "@/components/ui/leaving";
import { api, paths } from "@/lib/paths";
import type { NewTerminal } from "@/lib/terminals/schema";

/** `onError` also hears of it when the asking component is gone, as the palette is by then. */
export function useOpenTerminal({ onError }: { onError?: (error: Error) => void } = {}) {
  const client = useQueryClient();
  const router = useRouter();
  return useMutation({
    mutationFn: (wish: NewTerminal) => ask<"createTerminal">(api.terminals(), { method: "POST", body: wish }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: terminalKey });
      leave(() => router.push(paths.terminal(id)));
    },
    onError,
  });
}
