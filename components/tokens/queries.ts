// What the settings ask about this person's tokens. Secrets are never among the answers.
import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import { api } from "@/lib/paths";

export const tokenKey = ["tokens"] as const;

export const tokens = queryOptions({
  queryKey: tokenKey,
  queryFn: ({ signal }) => ask<"tokens">(api.tokens(), { signal }),
  select: (page) => page.items,
});
