// For tests: people in the database, and requests as their browser or their script would send them.
import { encode } from "next-auth/jwt";
import type { PersonActor } from "@/lib/actor";
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import type { Claims } from "@/lib/auth/claims";
import { loginCookieName, loginSecret } from "@/lib/auth/cookies";
import { createToken } from "@/lib/auth/create-token";
import { type Scope, scopes } from "@/lib/auth/schema";
import { admitPerson, startLogin } from "@/lib/auth/start-login";
import { config } from "@/lib/config";

export type TestPerson = { actor: PersonActor; loginId: string; cookie: string; subject: string };

/** Signs a person in without a provider. */
export async function signInPerson(subject: string, claims: Claims = {}): Promise<TestPerson> {
  const { issuer } = config().signIn;
  const all = { iss: issuer, sub: subject, name: subject, preferred_username: subject, ...claims };
  const admitted = await admitPerson(all);
  if ("refused" in admitted) throw new Error(`Refused: ${admitted.refused}`);
  const { loginId } = await startLogin({ issuer, subject, idToken: null, userAgent: null });
  const token = await encode({ token: { sub: admitted.id, lid: loginId }, secret: loginSecret(), maxAge: 3600 });
  const cookie = `${loginCookieName()}=${token}`;
  const actor = await actorFromRequest({ headers: { cookie } });
  if (!actor) throw new Error("The login was not taken.");
  return { actor, loginId, cookie, subject };
}

/** A token of the person's, as the value of an Authorization header. */
export async function bearerOf(person: TestPerson, granted: readonly Scope[] = scopes): Promise<string> {
  const { secret } = await createToken(person.actor, { name: "test", scopes: [...granted], days: 1 });
  return `Bearer ${secret}`;
}
