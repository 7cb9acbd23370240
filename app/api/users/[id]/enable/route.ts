import { enableUser } from "@/lib/auth/disable-user";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const POST = route(endpoints.enableUser, ({ actor, params }) => enableUser(actor, params.id));
