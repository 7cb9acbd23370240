import { listClusters } from "@/lib/clusters/list-clusters";
import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

export const GET = route(endpoints.clusters, ({ actor, query }) => listClusters(actor, query.again === "yes"));
