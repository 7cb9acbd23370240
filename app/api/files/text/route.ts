import { endpoints } from "@/lib/endpoints";
import { readText } from "@/lib/files/text-file";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileText, ({ actor, query, request }) => readText(actor, query, request.signal));
