// The access matrix: every endpoint of lib/endpoints.ts against everybody who might ask, and what each is to be answered,
// computed from what the endpoint itself declares. A new endpoint needs a line in `samples`.

import type { Role, Scope } from "@/lib/auth/schema";
import type { Endpoint } from "@/lib/endpoints";

/** What belongs to the person whose things everybody else is after. */
export type Ids = { session: string; token: string; person: string; terminal: string; upload: string };

export type Sample = {
  params?: (ids: Ids) => Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
  /** What somebody gets who may do this: anything but 401, 403 and 404 says that the gate was passed. */
  passes: number;
  /** The object in the path is somebody's own: to others it does not exist. */
  isPersonal?: boolean;
  /** Operators and administrators may do it to others' objects. */
  staffMay?: boolean;
  /** What somebody gets who has no account on the cluster, where that matters. */
  withoutAccount?: number;
};

const session: Sample = { params: (ids) => ({ id: ids.session }), passes: 200, isPersonal: true };
const terminal: Sample = { params: (ids) => ({ id: ids.terminal }), passes: 200, isPersonal: true };
const person: Sample = { params: (ids) => ({ id: ids.person }), body: {}, passes: 200 };

const tus = { "tus-resumable": "1.0.0" };
const upload = { params: (ids: Ids) => ({ id: ids.upload }), isPersonal: true };
const piece = { ...tus, "content-type": "application/offset+octet-stream", "upload-offset": "0" };

/** One line an endpoint. Bodies that are refused show that the gate was passed, and change nothing. */
export const samples: Record<string, Sample> = {
  health: { passes: 200 },
  openapi: { passes: 200 },
  metrics: { passes: 200 },
  me: { passes: 200 },
  events: { passes: 200 },
  templates: { passes: 200 },
  templateIcon: { params: () => ({ name: "jupyter" }), passes: 200 },
  clusters: { passes: 200 },
  modules: { params: () => ({ name: "hpc" }), passes: 200, withoutAccount: 422 },
  sessions: { passes: 200 },
  createSession: { body: {}, headers: { "idempotency-key": "matrix" }, passes: 400 },
  preview: { body: {}, passes: 400 },
  session,
  stopSession: { ...session, staffMay: true },
  ticket: session,
  log: session,
  tokens: { passes: 200 },
  createToken: { body: {}, passes: 400 },
  revokeToken: { params: (ids) => ({ id: ids.token }), passes: 204, isPersonal: true },
  users: { passes: 200 },
  disableUser: person,
  enableUser: person,
  terminals: { passes: 200 },
  createTerminal: { body: {}, passes: 400 },
  terminal,
  renameTerminal: { ...terminal, body: { name: "Renamed" } },
  endTerminal: terminal,
  terminalTicket: terminal,
  fileRoots: { passes: 400 },
  files: { passes: 400 },
  fileContent: { passes: 400 },
  saveFile: { passes: 400 },
  fileText: { passes: 400 },
  fileArchive: { passes: 400 },
  archiveSelection: { passes: 400 },
  fileActions: { body: {}, passes: 400 },
  fileTrash: { passes: 400 },
  uploads: { passes: 200 },
  createUpload: { passes: 412 },
  uploadBatch: { passes: 400 },
  upload: { ...upload, headers: tus, passes: 200 },
  writeUpload: { ...upload, headers: piece, passes: 204 },
  endUpload: { ...upload, passes: 204 },
  finishUpload: { ...upload, body: { overwrite: true }, passes: 200 },
  signOut: { passes: 200 },
};

/** Scopes that are of use to these roles only. */
const rolesOf: Partial<Record<string, Role[]>> = {
  "metrics:read": ["operator", "admin"],
  "admin:write": ["admin"],
};

export type Who = {
  name: string;
  /** Headers that say who it is. */
  headers: Record<string, string>;
  /** False: whatever they bring no longer counts, or never did. */
  isKnown: boolean;
  isOwner?: boolean;
  hasAccount?: boolean;
  roles: Role[];
  scopes: readonly Scope[];
};

/** What `who` is to be answered. */
export function expectedStatus({ scope }: Endpoint, sample: Sample, who: Who): number {
  if (scope === null) return sample.passes;
  if (!who.isKnown) return 401;
  if (!who.scopes.includes(scope)) return 403;
  const roles = rolesOf[scope];
  if (roles && !roles.some((role) => who.roles.includes(role))) return 403;
  const isStaff = who.roles.some((role) => role !== "researcher");
  if (sample.isPersonal && !who.isOwner && !(sample.staffMay && isStaff)) return 404;
  return who.hasAccount ? sample.passes : (sample.withoutAccount ?? sample.passes);
}

/** The endpoint's path with the sample's values in it. */
export function pathOf({ path }: Endpoint, sample: Sample, ids: Ids): string {
  const values = sample.params?.(ids) ?? {};
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? `no-${name}`));
}
