// What this run of the faults is to do: how often each is injected, with which waits, and where results are written down.
// `npm run test:faults` sets the environment; run by hand, one round with shortened waits.
import { appendFileSync } from "node:fs";

/** `quick` is landing.fault.ts, `long` what takes minutes a round. */
export type Which = "quick" | "long" | "all";
/** Rounds `first`, `first` + 1 and so on: what differs from round to round goes by their numbers. */
export type Plan = { port: number; first: number; rounds: number; waits: "short" | "default"; which: Which };

/** One line of the table that the runner prints at the end. */
export type Result = {
  id: string;
  injected: string[];
  lost: number;
  doubled: number;
  leaked: number;
  /** What went wrong otherwise, or null. */
  failure: string | null;
};

export function plan(): Plan {
  const { BERTH_FAULTS_PORT, BERTH_FAULTS_FIRST, BERTH_FAULTS_ROUNDS, BERTH_FAULTS_WAITS, BERTH_FAULTS_WHICH } =
    process.env;
  return {
    port: Number(BERTH_FAULTS_PORT ?? 3380),
    first: Number(BERTH_FAULTS_FIRST ?? 1),
    rounds: Number(BERTH_FAULTS_ROUNDS ?? 1),
    waits: BERTH_FAULTS_WAITS === "default" ? "default" : "short",
    which: BERTH_FAULTS_WHICH === "quick" || BERTH_FAULTS_WHICH === "long" ? BERTH_FAULTS_WHICH : "all",
  };
}

export function writeResult(result: Result): void {
  const file = process.env.BERTH_FAULTS_RESULTS;
  if (file) appendFileSync(file, `${JSON.stringify(result)}\n`);
}
