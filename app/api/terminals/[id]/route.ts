import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { getTerminal } from "@/lib/terminals/change-terminal";

export const GET = route(endpoints.terminal, ({ actor, params }) => getTerminal(actor, params.id));
