// What a person does to a terminal of theirs besides typing: listing, naming, ending.
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { db, notify, type Tx, transaction } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { canTerminal, endedShownHours } from "@/lib/terminals/rules";
import type { TerminalView } from "@/lib/terminals/schema";
import * as store from "@/lib/terminals/store";
import { viewTerminal } from "@/lib/terminals/view-terminal";

/** The actor's terminals, the most recently used first, with those that ended lately. */
export async function listTerminals(actor: PersonActor): Promise<{ items: TerminalView[]; nextCursor: null }> {
  const since = new Date(Date.now() - endedShownHours * 3_600_000);
  const rows = await store.listTerminals(db(), actor.userId, since);
  return { items: rows.map(viewTerminal), nextCursor: null };
}

export async function getTerminal(actor: PersonActor, id: string): Promise<TerminalView> {
  return viewTerminal(await store.readTerminal(db(), actor.userId, id));
}

export async function renameTerminal(actor: PersonActor, id: string, name: string): Promise<TerminalView> {
  return transaction(async (tx) => {
    const before = await store.readTerminal(tx, actor.userId, id);
    const { allowed, reason } = canTerminal(viewTerminal(before), "rename");
    if (!allowed) throw new PortalError("conflict", reason ?? "");
    const row = await store.renameTerminal(tx, id, name);
    await notify(tx, { kind: "terminal", id, ownerId: actor.userId });
    return viewTerminal(row);
  });
}

/** Ends the terminal and what runs in it. The process that holds it hears of it and hangs up. */
export async function endTerminal(actor: PersonActor, id: string): Promise<TerminalView> {
  return transaction(async (tx) => {
    await store.readTerminal(tx, actor.userId, id);
    if (await store.endTerminal(tx, id, "You ended it.")) {
      const subject = { kind: "terminal", id };
      await recordEvent(tx, { actor, action: "terminal.end", subject, ownerId: actor.userId });
      await notify(tx, { kind: "terminal", id, ownerId: actor.userId });
    }
    return viewTerminal(await store.readTerminal(tx, actor.userId, id));
  });
}

/** Ends everything that a person has open, because they are shut out. */
export async function endTerminalsOf(tx: Tx, ownerId: string, detail: string): Promise<void> {
  for (const { id } of await store.listLive(tx, ownerId)) {
    if (!(await store.endTerminal(tx, id, detail))) continue;
    const subject = { kind: "terminal", id };
    await recordEvent(tx, { actor: { kind: "system" }, action: "terminal.ended", subject, ownerId, data: { detail } });
    await notify(tx, { kind: "terminal", id, ownerId });
  }
}
