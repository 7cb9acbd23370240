// What /api/me answers: the person, their limits, and what every page needs to know of this installation.
import type { PersonActor } from "@/lib/actor";
import type { Me } from "@/lib/auth/schema";
import { readUser } from "@/lib/auth/store";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { limitsOf } from "@/lib/policy/usage-of-person";
import packageJson from "@/package.json";

const ONE_MACHINE =
  "One machine, not for production: people are not isolated from each other here, every session runs as the same account.";

/** The sentence that must be read before using a portal whose sessions run on its own machine; null where there is none. */
export function instanceNotice(): string | null {
  return config().clusters.some(({ scheduler }) => scheduler === "local") ? ONE_MACHINE : null;
}

export async function describePerson(actor: PersonActor): Promise<Me> {
  const { branding } = config();
  const [user, limits] = await Promise.all([readUser(db(), actor.userId), limitsOf(actor)]);
  return {
    id: user.id,
    name: actor.name,
    email: user.email,
    roles: actor.roles,
    groups: actor.groups,
    instance: {
      title: branding.title,
      support: branding.support,
      notice: instanceNotice(),
      version: packageJson.version,
    },
    limits,
  };
}
