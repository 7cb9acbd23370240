// Counts an ended session, once its end is committed.
import { metrics } from "@/lib/metrics";
import type { SessionRow } from "@/lib/sessions/store";

export function countEnd({ cluster, endReason }: SessionRow): void {
  metrics().sessionsEnded.inc({ cluster, reason: endReason ?? "unknown" });
}
