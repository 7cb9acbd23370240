import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { endTerminal } from "@/lib/terminals/change-terminal";

export const POST = route(endpoints.endTerminal, ({ actor, params }) => endTerminal(actor, params.id));
