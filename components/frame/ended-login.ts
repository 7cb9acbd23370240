// Whether the login has ended, as the portal's answers tell. It leads to the sign-in, once; but while leaving would lose
// something that is here, one stays, and a notice says what to do.
import { isBusyHere } from "@/components/files/stay-here";
import { isHeld } from "@/components/ui/leaving";
import { paths } from "@/lib/paths";

let hasEnded = false;
/** Many questions are under way when a login ends: the first refusal leads away. */
let isLeaving = false;
const followers = new Set<() => void>();

/** True from the first refusal to the next good answer. For useSyncExternalStore. */
export const endedLogin = {
  now: () => hasEnded,
  follow: (follower: () => void) => {
    followers.add(follower);
    return () => void followers.delete(follower);
  },
};

function setEnded(next: boolean): void {
  if (hasEnded === next) return;
  hasEnded = next;
  for (const follower of followers) follower();
}

/** Sign in again, and come back to this very page. */
function leaveToSignIn(): void {
  isLeaving = true;
  const here = window.location.pathname + window.location.search;
  window.location.assign(`${paths.signIn()}?problem=expired&from=${encodeURIComponent(here)}`);
}

/** To be told of every answer of the API. */
export function noteLogin({ ok, status }: Response): void {
  if (ok) {
    isLeaving = false;
    setEnded(false);
  }
  if (status !== 401) return;
  setEnded(true);
  if (!isLeaving && !isHeld() && !isBusyHere()) leaveToSignIn();
}
