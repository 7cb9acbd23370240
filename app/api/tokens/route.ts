import { createToken } from "@/lib/auth/create-token";
import { listTokens } from "@/lib/auth/list-tokens";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const GET = route(endpoints.tokens, ({ actor }) => listTokens(actor));

export const POST = route(endpoints.createToken, ({ actor, body }) => createToken(actor, body));
