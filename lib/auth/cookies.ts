// Names and flags of the portal's cookies. All are `__Host-`: bound to this very host, so no app on a sibling host can
// set or shadow them. Cookies ignore ports, so the port is part of the name and two portals on one machine do not mix.
import type { IncomingHttpHeaders } from "node:http";
import type { CookiesOptions } from "next-auth";
import { config } from "@/lib/config";
import { deriveKey } from "@/lib/seal";

const SIGN_IN_SECONDS = 15 * 60;

function port(): string {
  const url = new URL(config().url);
  return url.port || (url.protocol === "https:" ? "443" : "80");
}

/** The cookie that holds a login. */
export const loginCookieName = (): string => `__Host-berth-${port()}`;

/** What seals it: text for next-auth's own key derivation. */
export const loginSecret = (): string => deriveKey("login cookie").toString("base64url");

/** Secure on http://localhost too, where browsers accept it. */
const flags = { httpOnly: true, sameSite: "lax", path: "/", secure: true } as const;

/** next-auth's cookies under our names; only the first lives longer than a sign-in. */
export function authCookies(): CookiesOptions {
  const brief = (purpose: string) => ({
    name: `__Host-berth-${purpose}-${port()}`,
    options: { ...flags, maxAge: SIGN_IN_SECONDS },
  });
  return {
    sessionToken: { name: loginCookieName(), options: flags },
    callbackUrl: brief("return"),
    csrfToken: brief("csrf"),
    pkceCodeVerifier: brief("pkce"),
    state: brief("state"),
    nonce: brief("nonce"),
  };
}

/** `Set-Cookie` that removes the login from the browser. */
export const clearedLoginCookie = (): string =>
  `${loginCookieName()}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;

type AnyHeaders = Headers | IncomingHttpHeaders;

/** One header of a web or Node request. */
export function headerOf(headers: AnyHeaders, name: "cookie" | "authorization"): string | null {
  return headers instanceof Headers || typeof headers.get === "function"
    ? // Next's read-only headers of a page are not instances of this process's Headers, but have its methods.
      (headers as Headers).get(name)
    : ((headers as IncomingHttpHeaders)[name] ?? null);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Cookies of a request, by exact name; of one given twice the first counts, as browsers send the most specific first. */
export function cookiesOf(headers: AnyHeaders): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of headerOf(headers, "cookie")?.split(";") ?? []) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at > 0 && !found.has(name)) found.set(name, decoded(pair.slice(at + 1).trim()));
  }
  return found;
}
