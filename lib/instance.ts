// The name of this installation in the scheduler's comments, made once and kept in the database, so that two portals
// on one cluster do not take each other's jobs for their own.
import { randomBytes } from "node:crypto";
import { readSetting } from "@/lib/clusters/store";
import { db } from "@/lib/db";
import { once } from "@/lib/once";

/** Eight hexadecimal digits. */
export function instanceId(): Promise<string> {
  return once("instance-id", () => readSetting(db(), "instance", randomBytes(4).toString("hex")));
}
