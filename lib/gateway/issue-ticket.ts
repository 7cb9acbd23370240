// Opens a session's app for its owner: a one-time address on the app's own origin.
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { config } from "@/lib/config";
import { lockedTransaction, type Tx, transaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { enterPath } from "@/lib/gateway/enter";
import { finiteHosts, originOf, wildcardHost } from "@/lib/gateway/hosts";
import { assignHost, findOwnedState } from "@/lib/gateway/store";
import { newTicket } from "@/lib/gateway/tickets";

async function hostFor(tx: Tx, sessionId: string): Promise<string> {
  const wildcard = wildcardHost(sessionId, config());
  if (wildcard) return wildcard;
  const host = await assignHost(tx, sessionId, finiteHosts(config()) ?? []);
  if (host) return host;
  throw new PortalError(
    "conflict",
    "Every address for apps is in use. Stop a session that you do not need, or ask support.",
  );
}

type Ticket = { url: string; expiresAt: string };

/**
 * A ticket for the actor's own session, valid for waits.ticketSeconds and once. Throws `not_found` for a session that is
 * not theirs, `conflict` for one that has ended.
 */
export async function issueTicket(actor: PersonActor, sessionId: string): Promise<Ticket> {
  const expiresAt = new Date(Date.now() + config().waits.ticketSeconds * 1000);
  // Of a finite list nobody else may take an address meanwhile.
  const alone = (work: (tx: Tx) => Promise<Ticket>) =>
    finiteHosts(config()) ? lockedTransaction("app-hosts", work) : transaction(work);
  return alone(async (tx) => {
    const state = await findOwnedState(tx, actor.userId, sessionId);
    if (!state) throw new PortalError("not_found", "There is no such session.");
    if (state === "ended") throw new PortalError("conflict", "This session has ended. Launch it again to go on.");
    const host = await hostFor(tx, sessionId);
    const { userId, kind, via } = actor;
    const ticket = await newTicket(tx, { sessionId, userId, kind, via }, expiresAt);
    const subject = { kind: "session", id: sessionId };
    await recordEvent(tx, { actor, action: "session.opened", subject, ownerId: userId });
    const url = `${originOf(host, config())}${enterPath}?ticket=${ticket}`;
    return { url, expiresAt: expiresAt.toISOString() };
  });
}
