import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { previewSession } from "@/lib/sessions/preview-session";

export const POST = route(endpoints.preview, ({ actor, body, query }) =>
  previewSession(actor, body, query.estimate === "yes"),
);
