// Counters for Prometheus, one registry a process. Labels are few and bounded: routes and codes, never ids or people.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { once } from "@/lib/once";

function makeMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "berth_" });
  const registers = [registry];
  return {
    registry,
    /** One an API request: route as in lib/endpoints.ts, method, status. */
    requests: new Counter({
      name: "berth_requests_total",
      help: "API requests answered",
      labelNames: ["route", "method", "status"],
      registers,
    }),
    requestSeconds: new Histogram({
      name: "berth_request_seconds",
      help: "Time to answer an API request",
      labelNames: ["route"],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
    /** One a request or upgrade to a session app: kind is http or upgrade, outcome proxied, refused, unreachable. */
    proxied: new Counter({
      name: "berth_proxied_total",
      help: "Requests and upgrades to session apps",
      labelNames: ["kind", "outcome"],
      registers,
    }),
    openSockets: new Gauge({
      name: "berth_open_sockets",
      help: "Open proxied WebSockets and event streams",
      labelNames: ["kind"],
      registers,
    }),
    /** One a question to a cluster: what is submit, poll, facts, ...; outcome ok, failed, timeout. */
    clusterCommands: new Counter({
      name: "berth_cluster_commands_total",
      help: "Commands run on a cluster",
      labelNames: ["cluster", "what", "outcome"],
      registers,
    }),
    pollSeconds: new Histogram({
      name: "berth_poll_seconds",
      help: "Time of one reconciler tick",
      labelNames: ["cluster"],
      buckets: [0.05, 0.1, 0.3, 1, 3, 10, 30],
      registers,
    }),
    sessionsEnded: new Counter({
      name: "berth_sessions_ended_total",
      help: "Sessions ended, by reason",
      labelNames: ["cluster", "reason"],
      registers,
    }),
    logins: new Counter({
      name: "berth_logins_total",
      help: "Sign-ins, by outcome",
      labelNames: ["outcome"],
      registers,
    }),
  };
}

/** The metrics of this process: `metrics().sessionsEnded.inc({ cluster, reason })`. */
export function metrics() {
  return once("metrics", makeMetrics);
}
