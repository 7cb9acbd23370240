// The gate of a page: who is not signed in goes to sign in and comes back. Every page of the portal asks for itself, since
// a request for part of a page renders that part whatever the layout around it decides.
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { PersonActor } from "@/lib/actor";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { isPortalError } from "@/lib/errors";
import { addressOf } from "@/lib/http/client-address";
import { paths } from "@/lib/paths";

/** Who asks for a page, or null. Does not return for an address that has tried too many tokens. */
export async function pageActor(given: Headers): Promise<PersonActor | null> {
  try {
    return await actorFromRequest({ headers: given }, addressOf({ headers: given }));
  } catch (error) {
    if (isPortalError(error) && error.code === "too_many") redirect(`${paths.signIn()}?problem=too-many`);
    throw error;
  }
}

/** Returns only for somebody who is signed in: who it is. */
export async function requireLogin(): Promise<PersonActor> {
  const given = await headers();
  const actor = await pageActor(given);
  if (actor) return actor;
  const from = given.get("x-berth-path");
  redirect(from ? `${paths.signIn()}?from=${encodeURIComponent(from)}` : paths.signIn());
}
