import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { getSession } from "@/lib/sessions/list-sessions";

export const GET = route(endpoints.session, ({ actor, params }) => getSession(actor, params.id));
