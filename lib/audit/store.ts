// Every query of audited events. There is none that changes or removes one.
import type { Tx } from "@/lib/db";
import type { Prisma } from "@/prisma/generated/client";

export async function insertEvent(tx: Tx, row: Prisma.EventUncheckedCreateInput): Promise<void> {
  await tx.event.create({ data: row });
}
