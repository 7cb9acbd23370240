import { endpoints } from "@/lib/endpoints";
import { listRoots } from "@/lib/files/list-files";
import { route } from "@/lib/route";

export const GET = route(endpoints.fileRoots, ({ actor, query }) => listRoots(actor, query.cluster));
