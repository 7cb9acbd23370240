// Reads a request body that must be JSON: at most 256 KiB whatever Content-Length says, well-formed UTF-8, application/json.
// The media type is required so that no plain HTML form can make a valid request.
import { PortalError } from "@/lib/errors";
import { parseJson } from "@/lib/http/json-text";

export const MAX_BODY_BYTES = 256 * 1024;

const tooLong = () => new PortalError("invalid", `The body is longer than ${MAX_BODY_BYTES / 1024} KiB.`);

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (!request.body) return new Uint8Array();
  for await (const chunk of request.body) {
    size += chunk.length;
    // Leaving the loop cancels the stream, so the rest is never read.
    if (size > MAX_BODY_BYTES) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(contentType?.trim() ?? "");
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PortalError("invalid", "The body is not well-formed UTF-8.", { cause });
  }
}

/** The JSON value of the body, or undefined when there is none. Throws `invalid`. */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  if (!isJson(request.headers.get("content-type"))) {
    throw new PortalError("invalid", "Send the body as Content-Type: application/json.");
  }
  return parseJson(decode(bytes));
}

/** The fields of a sent HTML form. Only for requests whose origin was checked: any page can send one. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(decode(await readBytes(request)));
}
