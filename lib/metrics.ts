// Counters for Prometheus, one registry a process. Labels are few and bounded: routes, codes and clusters, never ids or
// people. What is counted costs an increment; what must be asked for is asked when somebody reads (metrics/read-metrics.ts).
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { once } from "@/lib/once";

type Make = { name: string; help: string; registers: Registry[] };

/** Of HTTP, at the portal's own address and at those of apps. */
const ofRequests = (make: (name: string, help: string) => Make) => ({
  /** Route as in lib/endpoints.ts, or `page` and `asset`. */
  requests: new Counter({
    ...make("requests_total", "Requests answered at the portal's own address"),
    labelNames: ["route", "method", "status"],
  }),
  requestSeconds: new Histogram({
    ...make("request_seconds", "Time to answer an API request"),
    labelNames: ["route"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
  }),
  rateLimited: new Counter({
    ...make("rate_limited_total", "Requests refused because there were too many"),
    labelNames: ["route"],
  }),
  /** Kind is http or upgrade; outcome is admitted, or why not. */
  gatewayRequests: new Counter({
    ...make("gateway_requests_total", "Requests and upgrades to session apps"),
    labelNames: ["kind", "outcome"],
  }),
  gatewayUnreachable: new Counter(
    make("gateway_unreachable_total", "Admitted requests whose app could not be reached"),
  ),
  gatewayUpgrades: new Gauge(make("gateway_open_upgrades", "WebSockets to session apps that are open")),
  eventStreams: new Gauge(make("event_streams", "Event streams of browsers and scripts that are open")),
  /** Outcome is started, or the reason of the refusal. */
  logins: new Counter({ ...make("logins_total", "Sign-ins, by outcome"), labelNames: ["outcome"] }),
});

/** Of sessions and the clusters they run on. */
const ofClusters = (make: (name: string, help: string) => Make) => ({
  sessions: new Gauge({ ...make("sessions", "Sessions now, by state"), labelNames: ["cluster", "state"] }),
  submits: new Counter({ ...make("submits_total", "Jobs handed over"), labelNames: ["cluster", "outcome"] }),
  sessionsEnded: new Counter({
    ...make("sessions_ended_total", "Sessions ended, by reason"),
    labelNames: ["cluster", "reason"],
  }),
  /** Since is `submit` or `start`: with and without the wait in the queue. */
  readySeconds: new Histogram({
    ...make("session_ready_seconds", "Time until a session's app answered"),
    labelNames: ["cluster", "since"],
    buckets: [2, 5, 10, 20, 40, 60, 120, 300, 900, 3600, 14_400, 86_400],
  }),
  /** Question as in the Scheduler interface; outcome ok, refused, failed or timeout. */
  questions: new Counter({
    ...make("scheduler_questions_total", "Questions to a scheduler, submits included"),
    labelNames: ["cluster", "question", "outcome"],
  }),
  questionSeconds: new Histogram({
    ...make("scheduler_question_seconds", "Time a scheduler took to answer"),
    labelNames: ["cluster", "question"],
    buckets: [0.02, 0.05, 0.1, 0.3, 1, 3, 10, 30],
  }),
  sshLogins: new Counter({
    ...make("ssh_logins_total", "SSH connections opened, or tried in vain"),
    labelNames: ["cluster", "outcome"],
  }),
  sshConnections: new Gauge({ ...make("ssh_connections", "SSH connections that are open"), labelNames: ["cluster"] }),
  tickSeconds: new Histogram({
    ...make("reconciler_tick_seconds", "Time of one look at a cluster"),
    labelNames: ["cluster"],
    buckets: [0.02, 0.05, 0.1, 0.3, 1, 3, 10, 30],
  }),
  answerAge: new Gauge({
    ...make("reconciler_answer_age_seconds", "Since the reconciler last had an answer from a cluster"),
    labelNames: ["cluster"],
  }),
});

function makeMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "berth_" });
  const make = (name: string, help: string): Make => ({ name: `berth_${name}`, help, registers: [registry] });
  return { registry, ...ofRequests(make), ...ofClusters(make) };
}

/** The metrics of this process: `metrics().sessionsEnded.inc({ cluster, reason })`. */
export function metrics() {
  return once("metrics", makeMetrics);
}
