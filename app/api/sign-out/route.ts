import { clearedLoginCookie } from "@/lib/auth/cookies";
import { signOut } from "@/lib/auth/sign-out";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const POST = route(endpoints.signOut, async ({ actor }) =>
  Response.json(await signOut(actor), { headers: { "set-cookie": clearedLoginCookie() } }),
);
