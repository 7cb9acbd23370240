// What pages ask about the signed-in person: one answer for the greeting, the menu, the limits and the settings.
import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import { api } from "@/lib/paths";

export const meKey = ["me"] as const;

/** Who I am and what of my limits is used. */
export const me = queryOptions({
  queryKey: meKey,
  queryFn: ({ signal }) => ask<"me">(api.me(), { signal }),
});
