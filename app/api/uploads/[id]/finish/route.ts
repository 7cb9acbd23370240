import { endpoints } from "@/lib/endpoints";
import { finishAgain } from "@/lib/files/continue-upload";
import { route } from "@/lib/route";

export const POST = route(endpoints.finishUpload, ({ actor, params, body }) =>
  finishAgain(actor, params.id, body.overwrite),
);
