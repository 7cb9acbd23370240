import { endpoints } from "@/lib/endpoints";
import { answerOffset, answerPiece } from "@/lib/files/answer-upload";
import { endUpload } from "@/lib/files/continue-upload";
import { route } from "@/lib/route";

export const HEAD = route(endpoints.upload, ({ actor, params, request }) => answerOffset(actor, params.id, request));

export const PATCH = route(endpoints.writeUpload, ({ actor, params, request }) =>
  answerPiece(actor, params.id, request),
);

export const DELETE = route(endpoints.endUpload, ({ actor, params }) => endUpload(actor, params.id));
