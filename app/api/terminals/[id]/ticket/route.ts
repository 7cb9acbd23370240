import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { issueTerminalTicket } from "@/lib/terminals/tickets";

export const POST = route(endpoints.terminalTicket, ({ actor, params }) => issueTerminalTicket(actor, params.id));
