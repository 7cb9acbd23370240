import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { listTemplates } from "@/lib/templates/list-templates";

export const GET = route(endpoints.templates, listTemplates);
