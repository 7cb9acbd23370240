// The people of the demo, written before their first sign-in, so that a token can be had for them at once. What is written
// is what their first sign-in would write.
import { readAccounts } from "@/cluster/idp/accounts";
import { personFromClaims } from "@/lib/auth/claims";
import { upsertUser } from "@/lib/auth/store";
import { config } from "@/lib/config";
import { transaction } from "@/lib/db";

/** Upserts alice, bob, carol and admin as people of `issuer`, which must be the configured one. Needs an open database. */
export async function seedDemoPeople(issuer: string): Promise<void> {
  const people = readAccounts().map((account) => personFromClaims({ ...account, iss: issuer }, config()));
  await transaction(async (tx) => {
    for (const person of people) {
      if ("refused" in person) throw new Error(`A demo account would be refused: ${person.refused}`);
      await upsertUser(tx, person, null);
    }
  });
}
