// Who asks. Every verb takes an Actor first; lib/auth makes one from a cookie or a token.

import type { Role, Scope } from "@/lib/auth/schema";
import { PortalError } from "@/lib/errors";

export type PersonActor = {
  kind: "user" | "token";
  userId: string;
  name: string;
  roles: Role[];
  groups: string[];
  /** Login id of a browser, token id of a script: what ends when the person signs out or revokes. */
  via: string;
  scopes: readonly Scope[];
};

export type SystemActor = { kind: "system" };

export type Actor = PersonActor | SystemActor;

/** How a cluster's log and the audit name whoever acts: the login's id, `token:` and its id, or `system`. */
export function loginName(actor: SystemActor | Pick<PersonActor, "kind" | "via">): string {
  if (actor.kind === "system") return "system";
  return actor.kind === "token" ? `token:${actor.via}` : actor.via;
}

/** Throws `forbidden` unless the actor may use `scope`. */
export function requireScope(actor: PersonActor, scope: Scope): void {
  if (!actor.scopes.includes(scope)) {
    throw new PortalError("forbidden", `This token lacks the scope ${scope}. Create one that has it in Settings.`);
  }
}

/** Throws `forbidden` unless the actor is an administrator. Before anything is looked up: a denial tells nothing. */
export function requireAdmin(actor: PersonActor): void {
  if (!actor.roles.includes("admin")) throw new PortalError("forbidden", "Only an administrator may do this.");
}

/** True for operators and admins, who may see everybody's sessions. */
export function isStaff(actor: PersonActor): boolean {
  return actor.roles.includes("operator") || actor.roles.includes("admin");
}
