// A well-formed request for each endpoint that takes one: attacks replace one thing of it at a time, so that what is refused
// is refused for that.
import { z } from "zod";
import { smallFolder } from "@/e2e/api";
import { type Endpoint, type EndpointName, endpoints } from "@/lib/endpoints";
import type { FileAction } from "@/lib/files/schema";
import { tarEnd } from "@/lib/files/tar/rules";

export const request = smallFolder("hpc", { parameters: { folder: "~" } });

/** In everybody's home, for what attacks name and make. */
export const enteredFolder = "entered";
const known = { cluster: "hpc", path: `~/${enteredFolder}/known` };
const knownOnes = { cluster: "hpc", paths: [known.path] };

const actions = {
  folder: { action: "folder", ...known },
  file: { action: "file", ...known },
  rename: { action: "rename", ...known, name: "renamed" },
  move: { action: "move", ...knownOnes, to: "~/nowhere" },
  copy: { action: "copy", ...knownOnes, to: "~/nowhere" },
  delete: { action: "delete", ...knownOnes },
  mode: { action: "mode", ...knownOnes, mode: "600" },
  extract: { action: "extract", cluster: "hpc", path: `${known.path}.zip` },
  restore: { action: "restore", cluster: "hpc", items: ["0"] },
  "empty-trash": { action: "empty-trash", cluster: "hpc", items: ["0"] },
} satisfies Record<FileAction["action"], unknown>;

export const bodies: Partial<Record<EndpointName, unknown>> = {
  createSession: request,
  preview: request,
  createToken: { name: "attacked", scopes: ["sessions:read"], days: 1 },
  createTerminal: { cluster: "hpc", name: "attacked", folder: "/tmp" },
  renameTerminal: { name: "attacked" },
  disableUser: {},
  fileActions: actions.mode,
  finishUpload: { overwrite: false },
};

/** One body for each form that it can have. */
export const formsOf = (name: EndpointName): unknown[] =>
  name === "fileActions" ? Object.values(actions) : [bodies[name]];

/** Everybody has a home with this file in it. */
const file = { path: "~/.bashrc" };
const places: Record<string, string> = { cluster: "hpc", path: "~", folder: "~" };
const queries: Partial<Record<EndpointName, Record<string, string>>> = {
  ...{ fileContent: file, fileText: file, saveFile: { path: "~/attacked" } },
};

/** What its query must have. */
export function queryOf(name: EndpointName): Record<string, string> {
  const { query } = endpoints[name] as Endpoint; // Of many types; only what they share is read.
  const shape = query instanceof z.ZodObject ? Object.entries<z.ZodType>(query.shape) : [];
  const needed = shape.filter(([, schema]) => !schema.safeParse(undefined).success);
  return Object.fromEntries(needed.map(([key]) => [key, queries[name]?.[key] ?? places[key] ?? ""]));
}

const tus = { "tus-resumable": "1.0.0" };
const piece = { ...tus, "content-type": "application/offset+octet-stream" };
const metadata = Object.entries({ cluster: "hpc", folder: "~", name: "attacked" })
  .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
  .join();

/** Headers that belong to what an endpoint takes instead of JSON. */
export const ownHeaders: Partial<Record<EndpointName, Record<string, string>>> = {
  saveFile: { "if-none-match": "*" },
  createUpload: { ...piece, "upload-length": "1", "upload-metadata": metadata },
  upload: tus,
  writeUpload: { ...piece, "upload-offset": "0" },
  archiveSelection: { "content-type": "application/x-www-form-urlencoded" },
  uploadBatch: { "content-type": "application/x-tar" },
};

/** What is sent to endpoints that take bytes instead of JSON. What texts these can hold is entered in uploads.attack.ts. */
export const bytesFor: Partial<Record<EndpointName, Buffer>> = {
  ...{ saveFile: Buffer.from("x"), createUpload: Buffer.from("x"), writeUpload: Buffer.from("x") },
  archiveSelection: Buffer.from(new URLSearchParams(known).toString()),
  uploadBatch: Buffer.from(tarEnd()),
};
