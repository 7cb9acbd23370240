// What pages ask about clusters. The scheduler is not asked for it: the portal answers from its last look.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask } from "@/components/api";
import { api } from "@/lib/paths";

export const clusterKey = ["clusters"] as const;

/** Facts change each half minute at most; events say when. */
export const clusters = queryOptions({
  queryKey: clusterKey,
  queryFn: ({ signal }) => ask<"clusters">(api.clusters(), { signal }),
  select: (page) => page.items,
});

/** The same where somebody whom login nodes did not let in asks for another try, which looking alone does seldom. */
export const askClustersAgain = () => ask<"clusters">(api.clusters(), { query: { again: "yes" } });

export const modules = (cluster: string, search: string) =>
  queryOptions({
    queryKey: ["modules", cluster, search],
    queryFn: ({ signal }) => ask<"modules">(api.modules(cluster), { query: { search }, signal }),
    select: (page) => page.items,
    placeholderData: keepPreviousData,
    staleTime: 5 * 60_000,
  });
