import { endpoints } from "@/lib/endpoints";
import { archiveFiles } from "@/lib/files/archive-files";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileArchive, ({ actor, query, request }) => archiveFiles(actor, query, request));
