// What is to be asked about files that came for a folder, before they are uploaded. Pure.
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

export const isQuestion = ({ hidden, existing }: Asking): boolean => hidden.length > 0 || existing.length > 0;
