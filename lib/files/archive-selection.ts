// What is chosen for an archive, said by a form: an address has no room for the names of many files.
import type { PersonActor } from "@/lib/actor";
import { PortalError } from "@/lib/errors";
import { archiveFiles } from "@/lib/files/archive-files";
import { splitPath } from "@/lib/files/rules";
import { archiveForm } from "@/lib/files/schema";
import { limitedBody } from "@/lib/http/limited-body";
import { invalidFields } from "@/lib/http/problem";

const MAX_BYTES = 8 * 1024 * 1024;

async function readFields(request: Request): Promise<URLSearchParams> {
  const media = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(media))
    throw new PortalError("invalid", "Send the body as Content-Type: application/x-www-form-urlencoded.");
  const { stream, fault } = limitedBody(request, MAX_BYTES);
  const chunks: Buffer[] = await Array.fromAsync(stream);
  if (fault())
    throw new PortalError("invalid", `Not all of the form came: it has at most ${MAX_BYTES / 1024 ** 2} MiB.`);
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

/** As `archiveFiles`, of a form's `cluster`, `format` and repeated `path`, all of what is in one folder. */
export async function archiveSelection(actor: PersonActor, request: Request): Promise<Response> {
  const form = await readFields(request);
  const found = archiveForm.safeParse({
    cluster: form.get("cluster"),
    path: form.getAll("path"),
    format: form.get("format") ?? undefined,
  });
  if (!found.success) throw invalidFields(found.error);
  const { cluster, format } = found.data;
  const places = found.data.path.map(splitPath);
  const path = places[0]?.folder ?? "/";
  if (places.some(({ folder }) => folder !== path))
    throw new PortalError("invalid", "Choose what is in one folder: an archive has what is in one.");
  const names = places.map(({ name }) => name).join("/");
  return archiveFiles(actor, { cluster, path, names, format }, request);
}
