import { disableUser } from "@/lib/auth/disable-user";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const POST = route(endpoints.disableUser, ({ actor, params, body }) =>
  disableUser(actor, params.id, body.stopSessions),
);
