import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { listTerminals } from "@/lib/terminals/change-terminal";
import { createTerminal } from "@/lib/terminals/create-terminal";

export const GET = route(endpoints.terminals, ({ actor }) => listTerminals(actor));

export const POST = route(endpoints.createTerminal, ({ actor, body }) => createTerminal(actor, body));
