// The name of this installation in the scheduler's comments, made once and kept in the database, so that two portals
// on one cluster do not take each other's jobs for their own.
import { randomBytes } from "node:crypto";
import { readSetting } from "@/lib/clusters/store";
import { db } from "@/lib/db";
import { once } from "@/lib/once";

/** Eight hexadecimal digits. */
export function instanceId(): Promise<string> {
  const held = once("instance-id", (): { id: Promise<string> | null } => ({ id: null }));
  held.id ??= readSetting(db(), "instance", randomBytes(4).toString("hex")).catch((error: unknown) => {
    // A database that was away once must not be remembered for the life of the process.
    held.id = null;
    throw error;
  });
  return held.id;
}
