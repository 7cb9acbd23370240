// The gate of a page: who is not signed in goes to sign in and comes back. Every page of the portal asks for itself, since
// a request for part of a page renders that part whatever the layout around it decides.
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { PersonActor } from "@/lib/actor";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { paths } from "@/lib/paths";

/** Returns only for somebody who is signed in: who it is. */
export async function requireLogin(): Promise<PersonActor> {
  const given = await headers();
  const actor = await actorFromRequest({ headers: given });
  if (actor) return actor;
  const from = given.get("x-berth-path");
  redirect(from ? `${paths.signIn()}?from=${encodeURIComponent(from)}` : paths.signIn());
}
