import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { renameTerminal } from "@/lib/terminals/change-terminal";

export const POST = route(endpoints.renameTerminal, ({ actor, params, body }) =>
  renameTerminal(actor, params.id, body.name),
);
