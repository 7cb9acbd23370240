// Which limits hold for a person, from portal.yaml, and how much of them is used.
import type { PersonActor } from "@/lib/actor";
import type { Me } from "@/lib/auth/schema";
import { clusterNames, config, type LimitRule } from "@/lib/config";
import { db, type Tx } from "@/lib/db";
import { type LimitName, type Limits, limitNames } from "@/lib/policy/schema";
import { namesOfPerson, useOfPerson } from "@/lib/policy/store";

type Kind = "person" | "group" | "everyone";
const kinds: Kind[] = ["person", "group", "everyone"];

function matching(rules: LimitRule[], kind: Kind, names: string[]): LimitRule[] {
  if (kind === "everyone") return rules.filter((rule) => rule.who === "everyone");
  // Addresses are kept in lower case, and nobody writes them with care; groups and subjects are what they are.
  const isNamed = (who: string, name: string) =>
    who === `${kind}:${name}` || (name.includes("@") && who.toLowerCase() === `${kind}:${name}`);
  return rules.filter(({ who }) => names.some((name) => isNamed(who, name)));
}

/** The most generous rule of the most specific kind that says anything about `name`. */
function limitOf(rules: LimitRule[], person: { names: string[]; groups: string[] }, name: LimitName | "minutes") {
  for (const kind of kinds) {
    const found = matching(rules, kind, kind === "person" ? person.names : person.groups).filter(
      (rule) => rule[name] !== undefined,
    );
    const best = found.toSorted((a, b) => (b[name] ?? 0) - (a[name] ?? 0))[0];
    if (best)
      return {
        max: best[name] ?? null,
        source: best.who === "everyone" ? "limit for everyone" : `limit of ${best.who.replace(":", " ")}`,
      };
  }
  return { max: null, source: "" };
}

/** The limits of `actor`: maxima, null where there is none, and whose rule each is. */
export async function limitsOfPerson(tx: Tx, actor: Pick<PersonActor, "userId" | "groups">): Promise<Limits> {
  const { limits } = config();
  const person = { names: await namesOfPerson(tx, actor.userId), groups: actor.groups };
  return {
    sessions: limitOf(limits, person, "sessions"),
    cpus: limitOf(limits, person, "cpus"),
    memoryGiB: limitOf(limits, person, "memoryGiB"),
    gpus: limitOf(limits, person, "gpus"),
    minutes: limitOf(limits, person, "minutes"),
  };
}

/** Meters of a person's limits, and how long a session may be, for /api/me. */
export async function limitsOf(actor: PersonActor): Promise<Pick<Me, "limits" | "minutes">> {
  const [limits, use] = await Promise.all([
    limitsOfPerson(db(), actor),
    useOfPerson(db(), actor.userId, clusterNames()),
  ]);
  const meters = limitNames.map((name) => ({ name, used: use[name], ...limits[name] }));
  return { limits: meters, minutes: limits.minutes };
}
