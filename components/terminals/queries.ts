// What the pages ask about terminals.
import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import { api } from "@/lib/paths";

export const terminalKey = ["terminals"] as const;

/** Mine: those that live, and those that ended lately. */
export const myTerminals = queryOptions({
  queryKey: terminalKey,
  queryFn: ({ signal }) => ask<"terminals">(api.terminals(), { signal }),
  select: (page) => page.items,
});
