import { endpoints } from "@/lib/endpoints";
import { openapi } from "@/lib/openapi";
import { route } from "@/lib/route";

export const dynamic = "force-dynamic";
export const GET = route(endpoints.openapi, async () => Response.json(openapi()));
