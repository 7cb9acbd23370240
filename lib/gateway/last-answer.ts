// While the database is away, what it last said is still used: running notebooks go on. Nobody can end a login or a session
// meanwhile either, for that is written in the same database.
import { isPortalError } from "@/lib/errors";

/** Longer than a database server takes to come back; then it is no longer believed. */
const believedMs = 300_000;
const most = 20_000;

/** `ask`, answering as it last did for the same key when it now fails because the database is away. */
export function lastAnswer<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
  keyOf: (question: Question) => string,
): (question: Question) => Promise<Answer> {
  const known = new Map<string, { at: number; answer: Answer }>();
  return async (question) => {
    const key = keyOf(question);
    try {
      const answer = await ask(question);
      if (known.size >= most) known.clear();
      known.set(key, { at: performance.now(), answer });
      return answer;
    } catch (error) {
      const last = known.get(key);
      const isAway = isPortalError(error) && error.code === "unavailable";
      if (!isAway || !last || performance.now() - last.at > believedMs) throw error;
      return last.answer;
    }
  };
}
