// How every page asks and acts: what is kept, what is tried again, and what happens without a network.
import { QueryClient } from "@tanstack/react-query";
import { worthRetrying } from "@/components/api";

/** The cache of one browser tab. */
export const makeQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      // Events say what is stale; the half minute only spares the same question from two components. Without a network
      // a question waits, beside the line that says so, and is asked when the network is back.
      queries: { staleTime: 30_000, retry: worthRetrying, refetchOnWindowFocus: true },
      // What a person did fails at once: done later, it would be done to one who has changed their mind.
      mutations: { retry: false, networkMode: "always" },
    },
  });
