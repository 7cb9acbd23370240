import { expect, it } from "vitest";
import { metrics } from "@/lib/metrics";

it("prints what was counted, from one registry however often it is asked for", async () => {
  metrics().sessionsEnded.inc({ cluster: "one", reason: "finished" });
  metrics().sessionsEnded.inc({ cluster: "one", reason: "finished" });
  const text = await metrics().registry.metrics();
  expect(text).toContain('berth_sessions_ended_total{cluster="one",reason="finished"} 2');
  expect(text).toContain("berth_process_cpu_seconds_total");
});
