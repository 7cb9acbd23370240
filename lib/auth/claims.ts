// What the provider says of a person, as the portal keeps it. The person is (issuer, subject); an e-mail address counts
// only where the provider says `email_verified: true`, as the boolean and nothing else.
import { visible } from "@/lib/audit/record-event";
import { issuerSpellings, type SignInProblem } from "@/lib/auth/rules";
import { type Role, roles } from "@/lib/auth/schema";
import type { PortalConfig } from "@/lib/config";

export type Claims = Record<string, unknown>;

export type Person = {
  issuer: string;
  subject: string;
  name: string;
  email: string | null;
  roles: Role[];
  groups: string[];
  /** Claims that account rules read, text only. */
  claims: Record<string, string>;
};

const MOST_GROUPS = 1000;

/** A claim by its name, or by a path such as `realm_access.roles`. */
function claim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    // Shown to be an object with that member by the line above.
    value = (value as Claims)[part];
  }
  return value;
}

/** Claims that hold an address, by the names that providers give them: it is the person's only where it was verified. */
const addressClaims = (signIn: PortalConfig["signIn"]): string[] => [
  ...["email", "mail", "emails", "email_address"],
  signIn.claims.email,
];

/**
 * What the provider says, signed and asked for: the signed word wins. An address and whether it was verified belong together:
 * the verdict on one document's address is never taken from a document that names another.
 */
export function mergedClaims(signed: Claims, asked: Claims, { signIn }: Pick<PortalConfig, "signIn">): Claims {
  const names = addressClaims(signIn).filter((name) => claim(signed, name) !== undefined);
  // Of a list of one that one counts, and what only the signed document names is judged by what both name.
  const same = (name: string) =>
    JSON.stringify([claim(signed, name)].flat()) === JSON.stringify([claim(asked, name)].flat());
  const both = names.filter((name) => claim(asked, name) !== undefined);
  const agree =
    both.length > 0 && both.every(same) && (!names.includes(signIn.claims.email) || both.includes(signIn.claims.email));
  const verdict =
    names.length > 0 ? (signed.email_verified ?? (agree ? asked.email_verified : undefined)) : asked.email_verified;
  return { ...asked, ...signed, email_verified: verdict };
}

function text(value: unknown, max = 200): string | null {
  return typeof value === "string" && value.trim() ? visible(value.trim()).slice(0, max) : null;
}

/** Names that grant something. One that cleaning would change is nobody's: it must not come out as another's. */
function names(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const found = list.filter((entry): entry is string => typeof entry === "string" && text(entry) === entry);
  return [...new Set(found)].slice(0, MOST_GROUPS);
}

function rolesOf(values: string[], mapping: PortalConfig["signIn"]["roles"]): Role[] {
  const given = new Set<Role>(["researcher"]);
  for (const value of values) {
    const mapped = Object.hasOwn(mapping, value) ? mapping[value] : undefined;
    if (mapped) given.add(mapped);
  }
  return roles.filter((role) => given.has(role));
}

/** True when some cluster's account rule reads an e-mail address. */
function mapsByEmail({ clusters, signIn }: PortalConfig): boolean {
  const names = addressClaims(signIn);
  return clusters.some(({ account }) => account.from === "claim" && names.includes(account.claim));
}

function claimsForAccounts(claims: Claims, { clusters }: PortalConfig): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const { account } of clusters) {
    const said = account.from === "claim" ? claim(claims, account.claim) : undefined;
    // Some providers make a list of every attribute. Of several values none is the person's.
    const value = Array.isArray(said) && said.length === 1 ? said[0] : said;
    // Byte for byte: an account name must not come out of cleaning up a claim.
    if (account.from === "claim" && typeof value === "string") kept[account.claim] = value;
  }
  return kept;
}

/** The person these claims describe, or why they may not sign in. `claims` come from a validated id_token. */
export function personFromClaims(claims: Claims, portal: PortalConfig): Person | { refused: SignInProblem } {
  const { signIn } = portal;
  const { iss, sub } = claims;
  if (typeof iss !== "string" || !issuerSpellings(signIn.issuer).includes(iss)) return { refused: "wrong-issuer" };
  if (typeof sub !== "string" || sub.length === 0 || sub.length > 255) return { refused: "not-completed" };
  const verified = claims.email_verified === true;
  if (mapsByEmail(portal) && !verified) return { refused: "email-unverified" };
  const email = verified ? text(claim(claims, signIn.claims.email), 320) : null;
  const groups = names(claim(claims, signIn.claims.groups));
  return {
    issuer: signIn.issuer,
    subject: sub,
    name: text(claim(claims, signIn.claims.name)) ?? text(claims.preferred_username) ?? "Unnamed",
    email: email?.toLowerCase() ?? null,
    roles: rolesOf([...names(claim(claims, signIn.claims.roles)), ...groups], signIn.roles),
    groups,
    claims: claimsForAccounts(claims, portal),
  };
}
