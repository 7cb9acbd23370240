// Asking for a terminal: the row is made, the shell itself is opened when the first viewer attaches, at its size.
import { randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { unixAccountFor } from "@/lib/auth/unix-account";
import { cluster } from "@/lib/clusters/cluster";
import { config } from "@/lib/config";
import { db, lockedTransaction, notify } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { can } from "@/lib/sessions/rules";
import { sessionState } from "@/lib/sessions/schema";
import { readSession } from "@/lib/sessions/store";
import { templates } from "@/lib/templates/template";
import { defaultName, freeName } from "@/lib/terminals/rules";
import type { NewTerminal, TerminalView } from "@/lib/terminals/schema";
import { insertTerminal, listLive, type TerminalRow } from "@/lib/terminals/store";
import { viewTerminal } from "@/lib/terminals/view-terminal";

/** The session whose allocation the terminal is to be in: the person's own, running, on the same cluster. */
async function sessionFor(actor: PersonActor, { sessionId, cluster: name }: NewTerminal) {
  if (!sessionId) return null;
  const row = await readSession(db(), { ownerId: actor.userId }, sessionId);
  if (row.cluster !== name) throw new PortalError("invalid", `The session is on ${row.cluster}, not on ${name}.`);
  const title = templates().get(row.template)?.manifest.title ?? row.template;
  if (can({ state: sessionState.parse(row.state) }, "enter").allowed) return { id: row.id, name: row.name, title };
  throw new PortalError("conflict", "The session's job does not run, so nothing can be opened inside it.");
}

const namesOf = (rows: TerminalRow[]): string[] => rows.map(({ name }) => name);

/** Makes a terminal. Throws `denied` beyond the limit, `forbidden` without an account, `conflict` for a session that does not run. */
export async function createTerminal(actor: PersonActor, wish: NewTerminal): Promise<TerminalView> {
  const at = cluster(wish.cluster, actor);
  const found = await unixAccountFor(actor, wish.cluster, { run: at.reach.run, again: true });
  if ("missing" in found) throw new PortalError("forbidden", found.missing);
  const session = await sessionFor(actor, wish);
  const row = await lockedTransaction(`terminals:${actor.userId}`, async (tx) => {
    const { perPerson } = config().terminals;
    const live = await listLive(tx, actor.userId);
    if (live.length >= perPerson) {
      throw new PortalError("denied", `You have ${perPerson} terminals, which is the limit. End one first.`);
    }
    const made = await insertTerminal(tx, {
      id: randomBytes(16).toString("hex"),
      ownerId: actor.userId,
      name: wish.name ?? freeName(defaultName(at.config, session), namesOf(live)),
      cluster: wish.cluster,
      unixAccount: found.account,
      sessionId: session?.id ?? null,
      folder: wish.folder ?? null,
      state: "new",
    });
    const data = { cluster: wish.cluster, session: session?.id, account: found.account };
    const subject = { kind: "terminal", id: made.id };
    await recordEvent(tx, { actor, action: "terminal.create", subject, ownerId: actor.userId, data });
    await notify(tx, { kind: "terminal", id: made.id, ownerId: actor.userId });
    return made;
  });
  return viewTerminal(row);
}
