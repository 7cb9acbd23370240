// npm run --silent metrics -- [--data DIR]: the counters of the process that runs on a data directory, as GET /api/metrics
// gives them. For processes that serve no pages (PORTAL_ROLES), and for looking without a token.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { printAnswer } from "@/dev/operator/do-command";
import { PortalError } from "@/lib/errors";
import { askOperator } from "@/lib/operator/ask-operator";
import { operatorMetrics } from "@/lib/operator/schema";

printAnswer(async () => {
  const { values } = parseArgs({ options: { data: { type: "string", default: ".data" } } });
  const dataDir = resolve(values.data);
  // Counters are in a process's memory: a database has none.
  const answer = await askOperator(dataDir, { command: "metrics" }, operatorMetrics);
  if (!answer) throw new PortalError("unavailable", `The portal is not running on ${dataDir}.`);
  return answer.text.trimEnd();
});
