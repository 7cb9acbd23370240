// Who sends a request: the login cookie or an API token, as an Actor. Works for route handlers, pages and bare upgrades.
import type { IncomingHttpHeaders } from "node:http";
import type { PersonActor } from "@/lib/actor";

/** The person behind a request's headers, or null. Never throws for a bad cookie or token. */
export async function actorFromRequest(request: {
  headers: Headers | IncomingHttpHeaders;
}): Promise<PersonActor | null> {
  throw new Error(`Being written: ${typeof request}`);
}
