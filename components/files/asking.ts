// What is to be asked about files that came for a folder, before they are uploaded.
import type { Candidate } from "@/components/files/upload-entries";

/** Hidden ones are asked about first: `existing` and `fresh` are all the others. */
export type Asking = { isInHidden: boolean; hidden: Candidate[]; existing: Candidate[]; fresh: Candidate[] };

type Judge = {
  isInHidden: boolean;
  isHidden: (candidate: Candidate) => boolean;
  isThere: (candidate: Candidate) => boolean;
};

const sorted = (others: Candidate[], hidden: Candidate[], { isInHidden, isThere }: Judge): Asking => ({
  ...{ isInHidden, hidden },
  existing: others.filter(isThere),
  fresh: others.filter((candidate) => !isThere(candidate)),
});

/** With files that came now. What came before, and is still asked about, stays, and what was said of it is not asked again. */
export function withMore(before: Asking | null, candidates: Candidate[], judge: Judge): Asking {
  const isAskedAbout = (candidate: Candidate) => judge.isInHidden || judge.isHidden(candidate);
  const others = candidates.filter((candidate) => !isAskedAbout(candidate));
  const hidden = candidates.filter(isAskedAbout);
  const { existing, fresh } = before ?? { existing: [], fresh: [] };
  return sorted([...existing, ...fresh, ...others], [...(before?.hidden ?? []), ...hidden], judge);
}

/** Once it is said whether the hidden ones are meant. */
export const withAnswer = ({ hidden, existing, fresh }: Asking, isMeant: boolean, judge: Judge): Asking =>
  sorted([...existing, ...fresh, ...(isMeant ? hidden : [])], [], judge);

const isQuestion = ({ hidden, existing }: Asking): boolean => hidden.length > 0 || existing.length > 0;

/** What is asked now, beside what is drawn: files that were dropped are read for a while, and then come to the newest question. */
export function newQuestion() {
  let asking: Asking | null = null;
  const followers = new Set<() => void>();
  const set = (next: Asking | null) => {
    asking = next;
    for (const follower of followers) follower();
  };
  const settle = (next: Asking): Candidate[] => {
    set(isQuestion(next) ? next : null);
    return isQuestion(next) ? [] : next.fresh;
  };
  return {
    now: () => asking,
    follow: (follower: () => void) => {
      followers.add(follower);
      return () => void followers.delete(follower);
    },
    /** Answers, as answerHidden does, what nothing more is to be asked about. */
    take: (candidates: Candidate[], judge: Judge) => settle(withMore(asking, candidates, judge)),
    answerHidden: (isMeant: boolean, judge: Judge) => (asking ? settle(withAnswer(asking, isMeant, judge)) : []),
    /** Answers what was asked. */
    end: () => {
      const last = asking;
      set(null);
      return last;
    },
  };
}
