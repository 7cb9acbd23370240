// Why something could not be done: the portal's sentence, and beneath it, small, what the program on the cluster said.

export function FaultText({ detail, words }: { detail: string; words?: string | null }) {
  return (
    <>
      {detail}
      <FaultWords words={words} />
    </>
  );
}

export function FaultWords({ words }: { words?: string | null }) {
  return words ? <code className="mt-0.5 block wrap-anywhere font-mono text-xs text-ink2">{words}</code> : null;
}

/** What a program on the cluster said of it, or null. Of whatever was thrown: a PortalError has them, others do not. */
export const wordsOf = (error: Error): string | null =>
  "words" in error && typeof error.words === "string" ? error.words : null;
