// Accounts that the login nodes did not let in, remembered for a while. Each try counts there as a failed login of the portal's
// address: sshd (PerSourcePenalties) and fail2ban shut it out after a few, and everybody with it.
import { isAccountRefused } from "@/lib/errors";
import { once } from "@/lib/once";

/** Tried again after 5, 10, 20 ... 300 s. */
const firstPauseSeconds = 5;
const longestPauseSeconds = 300;
/** Whoever asks for it themselves need not wait longer than this. */
const askedForSeconds = 10;

/** A question asked as `login`. `again`: a person asks for another try. */
type AskedAs = { cluster: string; login: string; question: string; again: boolean };

type Refusal = { error: unknown; times: number; atMs: number };

function pauseMs({ times }: Refusal, again: boolean): number {
  const seconds = Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** (times - 1));
  return 1000 * (again ? Math.min(seconds, askedForSeconds) : seconds);
}

async function askNow<Answer>(who: string, ask: () => Promise<Answer>): Promise<Answer> {
  const refusals = once("auth.refused-logins", () => new Map<string, Refusal>());
  const startedMs = performance.now();
  try {
    const answer = await ask();
    refusals.delete(who);
    return answer;
  } catch (error) {
    const known = refusals.get(who);
    // Of several that were tried at once one counts.
    if (!isAccountRefused(error) || (known && known.atMs > startedMs)) throw error;
    if (refusals.size > 10_000) refusals.clear();
    refusals.set(who, { error, times: (known?.times ?? 0) + 1, atMs: performance.now() });
    throw error;
  }
}

/** What `ask` answers; the same question that is under way is not asked twice. Throws the last refusal where it is too soon to try again. */
export async function askUnlessRefused<Answer>(asked: AskedAs, ask: () => Promise<Answer>): Promise<Answer> {
  const { cluster, login, question, again } = asked;
  const who = `${cluster}/${login}`;
  const known = once("auth.refused-logins", () => new Map<string, Refusal>()).get(who);
  if (known && performance.now() < known.atMs + pauseMs(known, again)) throw known.error;
  const underWay = once("auth.asked-logins", () => new Map<string, Promise<unknown>>());
  const key = JSON.stringify([who, question]);
  // The same key is the same question, so its answer is of the same kind.
  const answer = (underWay.get(key) as Promise<Answer> | undefined) ?? askNow(who, ask);
  underWay.set(key, answer);
  return answer.finally(() => underWay.delete(key));
}
