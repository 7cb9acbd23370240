// Leaving the page would end what it is at: the browser asks first. By name, because several things ask for it.
const busy = new Set<string>();
const ask = (event: BeforeUnloadEvent) => event.preventDefault();

/** From now on leaving is asked about while `what`, or anything else, is busy. */
export function stayHere(what: string, isBusy: boolean): void {
  if (isBusy) busy.add(what);
  else busy.delete(what);
  window.removeEventListener("beforeunload", ask);
  if (busy.size > 0) window.addEventListener("beforeunload", ask);
}

/** Whether anything is busy. */
export const isBusyHere = (): boolean => busy.size > 0;

const ends = new Map<string, () => void>();

/** How `what` is ended when all of it is given up. */
export const endsBy = (what: string, end: () => void): void => void ends.set(what, end);

/** Ends everything: from now on nothing is asked about. */
export function giveUp(): void {
  for (const end of ends.values()) end();
  for (const what of [...busy]) stayHere(what, false);
}
