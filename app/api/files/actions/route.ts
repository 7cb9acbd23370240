import { endpoints } from "@/lib/endpoints";
import { actOnFiles } from "@/lib/files/act-on-files";
import { lineResponse } from "@/lib/http/line-stream";
import { route } from "@/lib/route";

export const POST = route(endpoints.fileActions, ({ actor, body, request }) =>
  lineResponse(request, (signal) => actOnFiles(actor, body, signal)),
);
