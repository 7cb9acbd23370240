import { endpoints } from "@/lib/endpoints";
import { readMetrics } from "@/lib/metrics/read-metrics";
import { route } from "@/lib/route";

export const GET = route(endpoints.metrics, ({ actor }) => readMetrics(actor));
