// What the sign-in page says: to whom it leads, where one comes back to, and why one is here.
import { actorFromRequest } from "@/lib/auth/actor-from-request";
import { cookiesOf, loginCookieName } from "@/lib/auth/cookies";
import { type SignInProblem, safeReturnPath, signInProblem } from "@/lib/auth/rules";
import { oneMachineNotice } from "@/lib/clusters/list-clusters";
import { config } from "@/lib/config";
import { isPortalError } from "@/lib/errors";
import { addressOf } from "@/lib/http/client-address";

export type SignInView = {
  signedIn: boolean;
  title: string;
  provider: string;
  support: string;
  notice: string | null;
  problem: SignInProblem | null;
  returnPath: string;
};

type Visit = { signedIn: boolean; problem: SignInProblem | null };

/** A cookie that no longer stands for a login: it expired, or was ended elsewhere. */
async function visitOf(headers: Headers): Promise<Visit> {
  try {
    if (await actorFromRequest({ headers }, addressOf({ headers }))) return { signedIn: true, problem: null };
    return { signedIn: false, problem: cookiesOf(headers).has(loginCookieName()) ? "expired" : null };
  } catch (error) {
    if (!isPortalError(error)) throw error;
    return { signedIn: false, problem: error.code === "too_many" ? "too-many" : "unavailable" };
  }
}

/** `query` is the page's own: `problem`, and `from` (or `callbackUrl`) for where to go afterwards. */
export async function describeSignIn(
  request: { headers: Headers },
  query: Record<string, unknown>,
): Promise<SignInView> {
  const { url, branding, signIn } = config();
  const { signedIn, problem } = await visitOf(request.headers);
  const wanted = query.from ?? query.callbackUrl;
  return {
    signedIn,
    title: branding.title,
    provider: signIn.provider,
    support: branding.support,
    notice: oneMachineNotice(),
    problem: signInProblem.safeParse(query.problem).data ?? problem,
    returnPath: safeReturnPath(typeof wanted === "string" ? wanted : null, new URL(url).origin),
  };
}
