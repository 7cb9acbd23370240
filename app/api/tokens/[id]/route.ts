import { revokeToken } from "@/lib/auth/revoke-token";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const DELETE = route(endpoints.revokeToken, async ({ actor, params }) => revokeToken(actor, params.id));
