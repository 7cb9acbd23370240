import { endpoints } from "@/lib/endpoints";
import { downloadFile } from "@/lib/files/download-file";
import { saveFile } from "@/lib/files/save-file";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileContent, ({ actor, query, request }) => downloadFile(actor, query, request));

export const PUT = route(endpoints.saveFile, ({ actor, query, request }) => saveFile(actor, query, request));
