// People as an operator names them.
import type { Tx } from "@/lib/db";

export type NamedPerson = { id: string; subject: string; email: string | null };

const named = { id: true, subject: true, email: true };

/** Everybody whose subject, e-mail address, id or Unix account on some cluster is `who`. */
export async function findPeople(tx: Tx, who: string): Promise<NamedPerson[]> {
  const where = {
    OR: [{ id: who }, { subject: who }, { email: who.toLowerCase() }, { accounts: { some: { account: who } } }],
  };
  return tx.user.findMany({ where, select: named, orderBy: { id: "asc" }, take: 10 });
}

/** The first people by subject, for a sentence that lists who there is. */
export async function somePeople(tx: Tx, most: number): Promise<NamedPerson[]> {
  return tx.user.findMany({ select: named, orderBy: { subject: "asc" }, take: most });
}
