// The state machine of a session, as pure decisions: what a person may do with it now, and what the reconciler does
// next. submitting -> queued -> starting -> ready -> stopping -> ended. Time is an argument. Browser and server.
import type { EndReason, SessionState, SessionView } from "@/lib/sessions/schema";
import { count, formatGiB, formatMinutes } from "@/lib/units";

export type SessionAction = "open" | "stop" | "launch-again" | "follow-log" | "enter";

/** True while a session has, or may yet have, a job. */
export const isLive = (session: { state: SessionState }): boolean => session.state !== "ended";

/** The scheduler has stopped the job's processes for a while, and says so in its own word. Source: squeue(1) "JOB STATE CODES". */
export const isSuspended = (session: Pick<SessionView, "state" | "native">): boolean =>
  isLive(session) && /^(SUSPENDED|STOPPED)\b/.test(session.native?.state ?? "");

/** What it stands still for is not counted. STOPPED keeps its processors, and the time asked for runs on. */
export const givesTimeBack = (session: Pick<SessionView, "state" | "native">): boolean =>
  isSuspended(session) && !/^STOPPED\b/.test(session.native?.state ?? "");

const open: Record<SessionState, string | null> = {
  submitting: "It is being handed to the scheduler.",
  queued: "It waits in the queue.",
  starting: "It is starting.",
  ready: null,
  stopping: "It is being stopped.",
  ended: "It has ended.",
};

/** Whether the person may do this now, and if not, why: the words of the disabled button. */
export function can(
  session: { state: SessionState },
  action: SessionAction,
): { allowed: boolean; reason: string | null } {
  const reason = refusal(session.state, action);
  return { allowed: reason === null, reason };
}

function refusal(state: SessionState, action: SessionAction): string | null {
  switch (action) {
    case "open":
      return open[state];
    case "stop":
      return state === "ended" || state === "stopping" ? open[state] : null;
    case "launch-again":
      return state === "ended" ? null : "It has not ended yet.";
    case "enter":
      // A terminal inside needs a job that runs; whether the app answers does not matter.
      return state === "starting" ? null : open[state];
    case "follow-log":
      return state === "submitting" || state === "queued" ? "The log begins when the job starts." : null;
  }
}

/** Ends of which accounting would have said more: by whom, with which code, or that there was one at all. */
const incomplete = new Set<EndReason>(["failed", "cancelled", "lost"]);

/** What to tell the person on why a session ended. `words` of the scheduler are shown under it, not in it. */
export function endSentence(reason: EndReason, given: EndCircumstances): string {
  const more = given.accountingSilent && incomplete.has(reason);
  return more
    ? `${sentenceOn(reason, given)} Accounting did not answer, so more is not known.`
    : sentenceOn(reason, given);
}

function sentenceOn(reason: EndReason, given: EndCircumstances): string {
  const { request } = given;
  switch (reason) {
    case "stopped":
      return "You stopped it.";
    case "idle":
      return "It was not used and was stopped.";
    case "deadline":
      return `The ${formatMinutes(request.minutes)} asked for were over.`;
    case "finished":
      return "The app ended by itself.";
    case "failed":
      return failureSentence(given);
    case "out-of-memory":
      return `It needed more than the ${formatGiB(request.memoryGiB)} asked for. Launch it again with more memory.`;
    case "time-limit":
      return "It reached the scheduler's time limit.";
    case "start-timeout":
      return `The app did not answer within ${count(given.startTimeoutSeconds ?? 0, "second")} of its start. The end of its log says more.`;
    case "node-failed":
      return `${given.node ? `The node ${given.node}` : "Its node"} failed while it ran. Launch it again: another node will be used.`;
    case "preempted":
      return "The scheduler took its place for a job with higher priority. Launch it again to queue anew.";
    case "cancelled":
      return given.cancelledBy
        ? `${given.cancelledBy} cancelled the job outside of the portal.`
        : "The job was cancelled outside of the portal.";
    case "rejected":
      return "The scheduler did not take the job.";
    case "lost":
      return "The scheduler no longer knows the job and kept no record of how it ended.";
  }
}

/** What job.sh names when it could not even start the app: each has a remedy that an exit code does not tell. */
const obstacles: Record<string, string> = {
  folder: "The folder to start in is not there, or is not yours to enter. Choose another one and launch it again.",
  modules: "A module could not be loaded. The end of its log says which one and why.",
  scratch: "Its scratch space could not be made on the node. The end of its log says more.",
  disk: "It could not write its files: the disk or your quota is full. Make room and launch it again.",
  door: "The guard in front of the app ended, so nobody could have reached it. The end of its log says more.",
};

/** EX_NOINPUT of sysexits(3): what a template's script exits with when a folder or file that was asked for is missing. */
const NO_INPUT = 66;
/** What job.sh ends with on a full disk, where it may have written down nothing. */
const NO_ROOM = 74;

/** Slurm's number where it cannot open the job's log, and job.sh's where it cannot enter its directory. Neither runs or writes a thing. */
const NO_PLACE = { signal: 53, exitCode: 70 };
const hasNoPlace = ({ obstacle, hasNoFiles, signal, exitCode }: EndCircumstances): boolean =>
  !obstacle && (signal ? signal === NO_PLACE.signal : hasNoFiles === true && exitCode === NO_PLACE.exitCode);

function failureSentence(given: EndCircumstances): string {
  if (hasNoPlace(given)) {
    const node = given.node ? `the node ${given.node}` : "its node";
    return `Its folder could not be opened on ${node}: it is not there on that node, or full. Launch it again; if it happens twice, ask your support.`;
  }
  const word = given.obstacle ?? (given.exitCode === NO_ROOM ? "disk" : "");
  const obstacle = Object.hasOwn(obstacles, word) ? obstacles[word] : undefined;
  if (obstacle) return obstacle;
  if (given.exitCode === NO_INPUT && !given.signal) {
    return "A folder or file that was asked for is not there. The end of its log says which one.";
  }
  return `The app ${failure(given)}. The end of its log says more.`;
}

function failure({ signal, exitCode }: EndCircumstances): string {
  if (signal) return `was ended by signal ${signal}`;
  return exitCode === null ? "failed" : `failed with exit code ${exitCode}`;
}

export type EndCircumstances = {
  request: { minutes: number; memoryGiB: number };
  exitCode: number | null;
  signal: number | null;
  cancelledBy: string | null;
  node: string | null;
  /** Why the job says it failed, in its own word. */
  obstacle?: string | null;
  /** The job's directory was read, and the job has written nothing there. */
  hasNoFiles?: boolean;
  startTimeoutSeconds?: number;
  /** The scheduler's accounting was asked and did not answer. */
  accountingSilent?: boolean;
};

/** What an integer column holds, in seconds: who forges the times of a job must not keep its session from ending. */
export const mostSeconds = 2 ** 31 - 1;

/** Memory worth trying after "out of memory": twice as much, in whole GiB. */
export const nextMemoryGiB = (memoryGiB: number): number => Math.ceil(memoryGiB * 2);

/** Share of the asked time that is over, 0 to 1; null before the start. */
export function elapsedShare(session: Pick<SessionView, "startedAt" | "endsAt">, now: Date): number | null {
  if (!session.startedAt || !session.endsAt) return null;
  const start = Date.parse(session.startedAt);
  const whole = Date.parse(session.endsAt) - start;
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, (now.getTime() - start) / whole));
}
