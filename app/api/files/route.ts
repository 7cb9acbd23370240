import { endpoints } from "@/lib/endpoints";
import { listFiles } from "@/lib/files/list-files";
import { lineResponse } from "@/lib/http/line-stream";
import { route } from "@/lib/route";

export const GET = route(endpoints.files, ({ actor, query, request }) =>
  lineResponse(request, (signal) => listFiles(actor, query, signal)),
);
