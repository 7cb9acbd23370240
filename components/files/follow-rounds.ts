// When a file that is followed is asked for again. Each time is a program on a login node: never for a tab that nobody sees, and
// ever more seldom where nothing comes.

const restMs = 2000;
const longestRestMs = 30_000;

/** What came of asking: `anew` needs no rest. */
export type Came = "more" | "anew" | "nothing";

type Page = Pick<EventTarget, "addEventListener" | "removeEventListener"> & { readonly hidden: boolean };

/** Asks until the function that it returns is called. `ask` never throws. */
export function rounds(ask: () => Promise<Came>, page: Page): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isAsking = false;
  let isOver = false;
  const go = async () => {
    clearTimeout(timer);
    if (isAsking || isOver || page.hidden) return;
    isAsking = true;
    const came = await ask();
    isAsking = false;
    if (isOver) return;
    failures = came === "nothing" ? failures + 1 : 0;
    timer = setTimeout(() => void go(), came === "anew" ? 0 : Math.min(longestRestMs, restMs * 2 ** failures));
  };
  const onVisibility = () => void go();
  page.addEventListener("visibilitychange", onVisibility);
  void go();
  return () => {
    isOver = true;
    clearTimeout(timer);
    page.removeEventListener("visibilitychange", onVisibility);
  };
}
