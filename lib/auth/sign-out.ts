// Signing out: here first, whatever the provider then does.
import type { PersonActor } from "@/lib/actor";
import { endLogin } from "@/lib/auth/end-login";
import { endSessionUrl } from "@/lib/auth/provider";
import { PortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { unseal } from "@/lib/seal";

function idTokenOf(sealed: string | null | undefined): string | null {
  if (!sealed) return null;
  try {
    return unseal(sealed, "id-token");
  } catch (error) {
    // Sealed with a former secret: the provider will ask the person instead.
    log().warn({ err: error }, "login.id-token-unreadable");
    return null;
  }
}

/** Ends the actor's login and answers where the browser ends the one at the provider. */
export async function signOut(actor: PersonActor): Promise<{ url: string }> {
  if (actor.kind === "token")
    throw new PortalError("forbidden", "A token has no login to end. Revoke the token instead.");
  const login = await endLogin(actor.via, "signed-out");
  return { url: await endSessionUrl(idTokenOf(login?.idTokenSealed)) };
}
