// The people of the demo provider: a JSON list, every member of which but `note` is a claim, given as it stands. Tests
// bring lists of their own with people no provider should send, such as one whose email_verified is a string.
import { readFileSync } from "node:fs";
import demoAccounts from "./accounts.json";

export type DemoAccount = { sub: string; note?: string; name?: string; [claim: string]: unknown };

/** The accounts of `file`, or the demo's. Throws a sentence when it is not a list of accounts with distinct subjects. */
export function readAccounts(file?: string): DemoAccount[] {
  if (!file) return demoAccounts;
  const value: unknown = JSON.parse(readFileSync(file, "utf8"));
  const isAccount = (entry: unknown): entry is DemoAccount =>
    typeof entry === "object" && entry !== null && "sub" in entry && typeof entry.sub === "string" && entry.sub !== "";
  if (!Array.isArray(value) || value.length === 0 || !value.every(isAccount)) {
    throw new Error(`${file} must hold a list of accounts, each with a "sub".`);
  }
  if (new Set(value.map(({ sub }) => sub)).size < value.length) throw new Error(`${file} has a "sub" twice.`);
  return value;
}
