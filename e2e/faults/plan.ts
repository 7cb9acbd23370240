// What this run of the faults is to do: how often each is injected, with which waits, and where results are written down.
// `npm run test:faults` sets the environment; run by hand, one round with shortened waits.
import { appendFileSync } from "node:fs";

export type Plan = { port: number; rounds: number; waits: "short" | "default"; isQuick: boolean };

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
  const { BERTH_FAULTS_PORT, BERTH_FAULTS_ROUNDS, BERTH_FAULTS_WAITS, BERTH_FAULTS_QUICK } = process.env;
  return {
    port: Number(BERTH_FAULTS_PORT ?? 3380),
    rounds: Number(BERTH_FAULTS_ROUNDS ?? 1),
    waits: BERTH_FAULTS_WAITS === "default" ? "default" : "short",
    isQuick: BERTH_FAULTS_QUICK === "1",
  };
}

export function writeResult(result: Result): void {
  const file = process.env.BERTH_FAULTS_RESULTS;
  if (file) appendFileSync(file, `${JSON.stringify(result)}\n`);
}
