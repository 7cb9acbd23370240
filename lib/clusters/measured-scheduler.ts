// A scheduler whose questions are counted and timed, by cluster and kind of question.
import { isPortalError } from "@/lib/errors";
import { metrics } from "@/lib/metrics";
import type { Scheduler } from "@/lib/scheduler/scheduler";

function outcomeOf(error: unknown): "refused" | "failed" | "timeout" {
  if (!isPortalError(error)) return "failed";
  if (error.code === "cluster_timeout") return "timeout";
  return error.code === "forbidden" || error.code === "conflict" ? "refused" : "failed";
}

/** `scheduler`, counted as that of `cluster`. */
export function measured(scheduler: Scheduler, cluster: string): Scheduler {
  const { questions, questionSeconds } = metrics();
  const timed =
    <Given extends unknown[], Answer>(question: string, ask: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      const stop = questionSeconds.startTimer({ cluster, question });
      try {
        const answer = await ask(...given);
        questions.inc({ cluster, question, outcome: "ok" });
        return answer;
      } catch (error) {
        questions.inc({ cluster, question, outcome: outcomeOf(error) });
        throw error;
      } finally {
        stop();
      }
    };
  const { everyonesAccess } = scheduler;
  return {
    ...scheduler,
    ...(everyonesAccess && { everyonesAccess: timed("access", everyonesAccess) }),
    submit: timed("submit", scheduler.submit),
    jobs: timed("jobs", scheduler.jobs),
    find: timed("find", scheduler.find),
    control: timed("control", scheduler.control),
    history: timed("history", scheduler.history),
    facts: timed("facts", scheduler.facts),
    access: timed("access", scheduler.access),
    estimate: timed("estimate", scheduler.estimate),
  };
}
