// The headers of tus 1.0: https://tus.io/protocols/resumable-upload .
import { z } from "zod";
import { PortalError } from "@/lib/errors";
import { fileName, filePath, nameFault } from "@/lib/files/names/schema";
import { encodeTyped } from "@/lib/files/rules";

export const pieceType = "application/offset+octet-stream";
const version = "1.0.0";

export const tusHeaders = {
  "tus-resumable": version,
  "tus-version": version,
  "tus-extension": "creation,creation-with-upload,termination,expiration",
};

/** 412 as the protocol wants it, or null when the client speaks our version. */
export function versionFault(request: Request): Response | null {
  if (request.headers.get("tus-resumable") === version) return null;
  return new Response("Send Tus-Resumable: 1.0.0\n", { status: 412, headers: tusHeaders });
}

/** A header that must be a number of bytes. */
export function bytesHeader(request: Request, name: string): number {
  const value = request.headers.get(name) ?? "";
  if (!/^\d{1,15}$/.test(value)) throw new PortalError("invalid", `${name} must say a number of bytes.`);
  return Number(value);
}

const yes = z
  .enum(["yes", "no"])
  .default("no")
  .transform((said) => said === "yes");

/** What Upload-Metadata says of a new upload. */
export const uploadWish = z.object({
  cluster: z.string().max(32),
  folder: filePath,
  name: fileName,
  /** Below `folder`, made where missing. */
  folders: z
    .string()
    .max(12_288)
    .default("")
    .transform((text) => text.split("/").filter((part) => part !== ""))
    .refine((parts) => parts.every((part) => nameFault(part) === null), "A name in it cannot be taken."),
  overwrite: yes,
  confirm: yes,
});
export type UploadWish = z.infer<typeof uploadWish>;

/** Upload-Metadata as names and texts. What clients send besides what we know is ignored. */
export function readMetadata(header: string | null): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (header ?? "").split(",")) {
    const [, key = "", value = ""] = /^ *([\x21-\x7e]+)(?: +([A-Za-z0-9+/]*={0,2}))? *$/.exec(pair) ?? [];
    if (Object.hasOwn(found, key)) throw new PortalError("invalid", `Upload-Metadata has ${key} twice.`);
    if (key !== "" && key !== "__proto__") found[key] = Buffer.from(value, "base64").toString("utf8");
  }
  // What tus clients call it on their own: a name as it is, not encoded.
  if (found.name === undefined && found.filename !== undefined) found.name = encodeTyped(found.filename);
  return found;
}
