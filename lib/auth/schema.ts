// People, roles, token scopes as the API speaks of them. Browser and server.
import { z } from "zod";
import { plainText } from "@/lib/templates/schema";

export const roles = ["researcher", "operator", "admin"] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

/** What a token may do: every endpoint names the scope it needs. A browser login has all. */
export const scopes = [
  "sessions:read",
  "sessions:write",
  "clusters:read",
  "tokens:write",
  "events:read",
  "terminals:write",
  "files:read",
  "files:write",
  // Of use to operators and administrators only: a scope gives no right that the person's role does not.
  "metrics:read",
  "admin:write",
] as const;
export const scope = z.enum(scopes);
export type Scope = z.infer<typeof scope>;

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scope),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

export const newToken = z.strictObject({
  name: plainText(80).trim().min(1, "Give the token a name."),
  scopes: z.array(scope).min(1, "Choose at least one scope."),
  days: z.int().min(1).max(365).default(30),
});
export type NewToken = z.input<typeof newToken>;

/** The secret is shown once. */
export const createdToken = tokenView.extend({ secret: z.string() });

/** A person as administrators see them. */
export const userView = z.object({
  id: z.string(),
  subject: z.string().describe("What the identity provider calls them"),
  name: z.string(),
  email: z.string().nullable(),
  roles: z.array(role),
  groups: z.array(z.string()),
  disabledAt: z.iso.datetime().nullable(),
  lastSeenAt: z.iso.datetime().nullable(),
  openSessions: z.number(),
});
export type UserView = z.infer<typeof userView>;

export const me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  roles: z.array(role),
  groups: z.array(z.string()),
  /** Clusters where something is missing: which step, and whom to ask. */
  instance: z.object({
    title: z.string(),
    support: z.string().describe("Whom to ask: an address or a sentence"),
    notice: z.string().nullable(),
    version: z.string(),
  }),
  limits: z.array(
    z.object({
      name: z.enum(["sessions", "cpus", "memoryGiB", "gpus"]),
      used: z.number(),
      max: z.number().nullable(),
      source: z.string(),
    }),
  ),
  minutes: z
    .object({ max: z.number().nullable(), source: z.string() })
    .describe("How long one session may be asked for; null: as long as the cluster lets it"),
});
export type Me = z.infer<typeof me>;
