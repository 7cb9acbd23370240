import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { stopSession } from "@/lib/sessions/stop-session";

export const POST = route(endpoints.stopSession, ({ actor, params }) => stopSession(actor, params.id));
