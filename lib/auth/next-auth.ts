// The only file that calls next-auth. It speaks to its handler for Node requests, so that neither Next nor a socket is
// needed, and gives it only what we checked: our own cookies by exact name, our own address, one provider.
import nextAuth, { type AuthOptions } from "next-auth";
import type { Claims } from "@/lib/auth/claims";
import { authCookies, loginSecret } from "@/lib/auth/cookies";

import { oidcProvider } from "@/lib/auth/provider";
import { type SignInProblem, safeReturnPath } from "@/lib/auth/rules";
import { admitPerson, startLogin } from "@/lib/auth/start-login";
import { config } from "@/lib/config";
import { tellNextAuth } from "@/lib/env";
import { isPortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { paths } from "@/lib/paths";

export type AuthCall = {
  method: "GET" | "POST";
  /** What follows /api/auth/. */
  path: string[];
  query: Record<string, string>;
  body?: Record<string, string>;
  cookies: Map<string, string>;
  userAgent: string | null;
};

export type AuthAnswer = { status: number; headers: Headers; redirect: string | null; body: unknown };

/** The sign-in page, saying why. */
export const signInPage = (problem: SignInProblem, returnPath = "/"): string =>
  `${paths.signIn()}?problem=${problem}${returnPath === "/" ? "" : `&from=${encodeURIComponent(returnPath)}`}`;

async function admit(profile: Claims): Promise<true | string> {
  try {
    const admitted = await admitPerson(profile);
    return "refused" in admitted ? signInPage(admitted.refused) : true;
  } catch (error) {
    // next-auth would show the message of whatever is thrown here in the address.
    log().error({ err: error }, "login.failed");
    return signInPage(isPortalError(error) ? "unavailable" : "not-completed");
  }
}

function callbacks(call: AuthCall): AuthOptions["callbacks"] {
  const { issuer } = config().signIn;
  return {
    redirect: ({ url, baseUrl }) => `${baseUrl}${safeReturnPath(url, baseUrl)}`,
    // The profile is the claims of a validated id_token, which next-auth types as a few optional strings.
    signIn: ({ profile }) => admit((profile ?? {}) as Claims),
    jwt: async ({ account }) => {
      const subject = account?.providerAccountId;
      if (!subject) throw new Error("A login cookie is only ever made at sign-in.");
      const idToken = account.id_token ?? null;
      const { userId, loginId } = await startLogin({ issuer, subject, idToken, userAgent: call.userAgent });
      return { sub: userId, lid: loginId };
    },
  };
}

/** The words alone: the library's errors carry the whole id_token and the values that protect the flow. */
function reasonOf(trouble: Error | { error?: unknown }): string {
  const error = trouble instanceof Error ? trouble : trouble.error;
  return error instanceof Error ? error.message : "unknown";
}

function options(call: AuthCall): AuthOptions {
  return {
    providers: [oidcProvider()],
    secret: loginSecret(),
    session: { strategy: "jwt", maxAge: Math.round(config().signIn.hours * 3600) },
    useSecureCookies: true,
    cookies: authCookies(),
    pages: { signIn: paths.signIn(), error: paths.signIn() },
    callbacks: callbacks(call),
    logger: {
      error: (code, trouble) => log().warn({ code, reason: reasonOf(trouble) }, "login.trouble"),
      warn: () => {},
      debug: () => {},
    },
  };
}

/** Collects what next-auth's handler for Node writes to its response. */
function collector() {
  const answer: AuthAnswer = { status: 200, headers: new Headers(), redirect: null, body: null };
  const response = {
    status(code: number) {
      answer.status = code;
      return response;
    },
    getHeader: (name: string) => (name.toLowerCase() === "set-cookie" ? answer.headers.getSetCookie() : undefined),
    setHeader(name: string, value: string | string[]) {
      if (name.toLowerCase() === "location") answer.redirect = String(value);
      else {
        answer.headers.delete(name);
        for (const one of [value].flat()) answer.headers.append(name, one);
      }
      return response;
    },
    json: (body: unknown) => void Object.assign(answer, { body }),
    send: (body: unknown) => void Object.assign(answer, { body }),
    end: () => {},
  };
  return { answer, response };
}

type NodeHandler = (request: object, response: object, options: AuthOptions) => Promise<void>;

// A CommonJS default export: bundlers give the function, Node the object around it. Its types know only Next's own requests.
const handle = ("default" in nextAuth ? nextAuth.default : nextAuth) as NodeHandler;

/** Runs one step of the flow. */
export async function callNextAuth(call: AuthCall): Promise<AuthAnswer> {
  const { answer, response } = collector();
  const names = Object.values(authCookies()).map(({ name }) => name);
  const request = {
    method: call.method,
    query: { ...call.query, nextauth: call.path },
    body: { ...call.body, json: call.method === "POST" ? "true" : undefined },
    cookies: Object.fromEntries(
      names.flatMap((name) => (call.cookies.has(name) ? [[name, call.cookies.get(name)]] : [])),
    ),
    headers: {},
  };
  // Read by next-auth before it first waits, so calls at the same time do not mix.
  tellNextAuth(config().url);
  await handle(request, response, options(call));
  return answer;
}
