// What /api/me answers: the person, their limits, and what every page needs to know of this installation.
import type { PersonActor } from "@/lib/actor";
import type { Me } from "@/lib/auth/schema";
import { readUser } from "@/lib/auth/store";
import { oneMachineNotice } from "@/lib/clusters/list-clusters";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { limitsOf } from "@/lib/policy/usage-of-person";
import packageJson from "@/package.json";

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
      notice: oneMachineNotice(),
      version: packageJson.version,
    },
    ...limits,
  };
}
