import { endpoints } from "@/lib/endpoints";
import { archiveFiles } from "@/lib/files/archive-files";
import { archiveSelection } from "@/lib/files/archive-selection";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileArchive, ({ actor, query, request }) => archiveFiles(actor, query, request));

export const POST = route(endpoints.archiveSelection, ({ actor, request }) => archiveSelection(actor, request));
