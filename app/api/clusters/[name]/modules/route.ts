import { listModules } from "@/lib/clusters/list-modules";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const GET = route(endpoints.modules, ({ actor, params, query }) => listModules(actor, params.name, query));
