import { endpoints } from "@/lib/endpoints";
import { issueTicket } from "@/lib/gateway/issue-ticket";
import { route } from "@/lib/route";

export const POST = route(endpoints.ticket, ({ actor, params }) => issueTicket(actor, params.id));
