// What pages ask about templates: asked once, and again when an event says that they changed.
import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import { api } from "@/lib/paths";

export const templateKey = ["templates"] as const;

export const templates = queryOptions({
  queryKey: templateKey,
  queryFn: ({ signal }) => ask<"templates">(api.templates(), { signal }),
  select: (page) => page.items,
});
