import { endpoints } from "@/lib/endpoints";
import { health } from "@/lib/health";
import { route } from "@/lib/route";

export const dynamic = "force-dynamic";
export const GET = route(endpoints.health, health);
