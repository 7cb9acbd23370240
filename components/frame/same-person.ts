// A tab belongs to the person it was opened by. Somebody else may sign in meanwhile in the same browser: what is shown would
// be the one's, and what is done the other's.
import type { QueryClient } from "@tanstack/react-query";
import { me, meKey } from "@/components/people/queries";

/** Forgets all that is known, and calls `onAnother`, once somebody else is signed in; until what this answers is called. */
export function keepPerson(client: QueryClient, onAnother: () => void): () => void {
  const now = () => client.getQueryData(me.queryKey)?.id;
  let first = now();
  const look = () => {
    const id = now();
    first ??= id;
    if (!id || id === first) return;
    forget();
    client.clear();
    onAnother();
  };
  const forget = client.getQueryCache().subscribe(({ query }) => query.queryKey[0] === meKey[0] && look());
  return forget;
}
