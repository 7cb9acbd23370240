import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { readLog } from "@/lib/sessions/read-log";

export const GET = route(endpoints.log, ({ actor, params, query }) => readLog(actor, params.id, query.lines));
