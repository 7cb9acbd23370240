import { endpoints } from "@/lib/endpoints";
import { listTrash } from "@/lib/files/list-trash";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileTrash, ({ actor, query }) => listTrash(actor, query.cluster));
