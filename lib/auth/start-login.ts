// A validated sign-on becomes a person and a login. The id is new at each sign-in, so a cookie set beforehand by
// somebody else never becomes a login.
import { recordEvent } from "@/lib/audit/record-event";
import { type Claims, personFromClaims } from "@/lib/auth/claims";
import type { SignInProblem } from "@/lib/auth/rules";
import { findUserBySubject, insertLogin, type UserRow, upsertUser } from "@/lib/auth/store";
import { config } from "@/lib/config";
import { transaction } from "@/lib/db";
import { log } from "@/lib/log";
import { metrics } from "@/lib/metrics";
import { seal } from "@/lib/seal";

/** On record with what the provider calls them: they have no row here, and get none. */
async function recordRefusal({ iss, sub }: Claims, reason: SignInProblem): Promise<void> {
  const subject = { kind: "sign-on", id: `${String(iss).slice(0, 300)} ${String(sub).slice(0, 300)}` };
  await transaction((tx) =>
    recordEvent(tx, { actor: { kind: "system" }, action: "login.refused", subject, data: { reason } }),
  );
}

/** Writes the person as the provider describes them now; or says why they may not sign in. */
export async function admitPerson(claims: Claims): Promise<UserRow | { refused: SignInProblem }> {
  const person = personFromClaims(claims, config());
  const refuse = (reason: SignInProblem) => {
    log().warn({ issuer: claims.iss, subject: claims.sub, reason }, "login.refused");
    metrics().logins.inc({ outcome: reason });
    return { refused: reason };
  };
  if ("refused" in person) {
    await recordRefusal(claims, person.refused);
    return refuse(person.refused);
  }
  return transaction(async (tx) => {
    const known = await findUserBySubject(tx, person.issuer, person.subject);
    if (!known?.disabledAt) return upsertUser(tx, person, new Date());
    const subject = { kind: "user", id: known.id };
    await recordEvent(tx, {
      actor: { kind: "system" },
      action: "login.refused",
      subject,
      data: { reason: "disabled" },
    });
    return refuse("disabled");
  });
}

export type SignOn = { issuer: string; subject: string; idToken: string | null; userAgent: string | null };

/** Begins a login of an admitted person. It ends after the configured hours, whatever the person does. */
export async function startLogin(signOn: SignOn): Promise<{ userId: string; loginId: string }> {
  const { signIn } = config();
  const idTokenSealed = signOn.idToken ? seal(signOn.idToken, "id-token") : null;
  const expiresAt = new Date(Date.now() + signIn.hours * 3_600_000);
  return transaction(async (tx) => {
    const user = await findUserBySubject(tx, signOn.issuer, signOn.subject);
    if (!user || user.disabledAt) throw new Error("Only an admitted person can start a login.");
    const userAgent = signOn.userAgent?.slice(0, 300) ?? null;
    const login = await insertLogin(tx, { userId: user.id, expiresAt, idTokenSealed, userAgent });
    const actor = { kind: "system" } as const;
    const subject = { kind: "user", id: user.id };
    await recordEvent(tx, { actor, action: "login.started", subject, ownerId: user.id, data: { userAgent } });
    metrics().logins.inc({ outcome: "started" });
    return { userId: user.id, loginId: login.id };
  });
}
