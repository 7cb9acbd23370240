// tus requests and answers: what the protocol says in headers, around the verbs of uploads.
import type { PersonActor } from "@/lib/actor";
import { PortalError } from "@/lib/errors";
import { expiryOf, uploadOffset, writePiece } from "@/lib/files/continue-upload";
import { createUpload } from "@/lib/files/create-upload";
import type { UploadRow } from "@/lib/files/store";
import { bytesHeader, pieceType, tusHeaders, versionFault } from "@/lib/files/tus";
import { api } from "@/lib/paths";

type Now = { row: UploadRow; offset: number };

function answer({ row, offset }: Now, status: number, more: Record<string, string> = {}): Response {
  const upload = {
    "upload-offset": String(offset),
    "upload-length": String(row.size),
    "upload-expires": expiryOf(row).toUTCString(),
  };
  return new Response(null, { status, headers: { ...tusHeaders, ...upload, ...more } });
}

/** POST: creation. */
export async function answerCreate(actor: PersonActor, request: Request): Promise<Response> {
  const fault = versionFault(request);
  if (fault) return fault;
  const made = await createUpload(actor, request, bytesHeader(request, "upload-length"));
  return answer(made, 201, { location: api.upload(made.row.id) });
}

/** HEAD: how much is there. */
export async function answerOffset(actor: PersonActor, id: string, request: Request): Promise<Response> {
  return versionFault(request) ?? answer(await uploadOffset(actor, id), 200);
}

/** PATCH: a piece. */
export async function answerPiece(actor: PersonActor, id: string, request: Request): Promise<Response> {
  const fault = versionFault(request);
  if (fault) return fault;
  if (request.headers.get("content-type") !== pieceType) {
    throw new PortalError("invalid", `Send pieces as Content-Type: ${pieceType}.`);
  }
  return answer(await writePiece(actor, id, { request, offset: bytesHeader(request, "upload-offset") }), 204);
}
