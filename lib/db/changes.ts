// What changed, told to every replica once the transaction that changed it is committed. Receivers refetch: a change
// carries names only, and after a gap in the connection they get one "resync".
import { z } from "zod";

export const channel = "berth_changes";

const changeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("session"), id: z.string(), ownerId: z.string() }),
  z.object({ kind: z.literal("log"), id: z.string(), ownerId: z.string() }),
  z.object({ kind: z.literal("terminal"), id: z.string(), ownerId: z.string() }),
  z.object({ kind: z.literal("login"), userId: z.string() }),
  z.object({ kind: z.literal("cluster"), name: z.string() }),
  z.object({ kind: z.literal("unreachable"), cluster: z.string() }),
  z.object({ kind: z.literal("resync") }),
]);

export type Change = z.infer<typeof changeSchema>;

/** Reads a notification; null for one of another version of the portal. */
export function parseChange(payload: string): Change | null {
  try {
    return changeSchema.parse(JSON.parse(payload));
  } catch {
    return null;
  }
}
