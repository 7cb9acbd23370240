import { endpoints } from "@/lib/endpoints";
import { downloadFile } from "@/lib/files/download-file";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileContent, ({ actor, query, request }) => downloadFile(actor, query, request));
