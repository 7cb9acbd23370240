// Pure decisions about sign-in: where one may be sent afterwards, and why a sign-in may fail. Browser and server.
import { z } from "zod";

/** Why somebody is not signed in; the sign-in page has a sentence for each. */
export const signInProblems = [
  "provider-unreachable",
  "provider-refused",
  "not-completed",
  "email-unverified",
  "wrong-issuer",
  "disabled",
  "unavailable",
  "too-many",
  "expired",
  "signed-out",
] as const;
export const signInProblem = z.enum(signInProblems);
export type SignInProblem = z.infer<typeof signInProblem>;

/** Both ways to write a provider's address: with and without a slash at its end it is the same provider. */
export function issuerSpellings(issuer: string): [bare: string, withSlash: string] {
  const bare = issuer.replace(/\/$/, "");
  return [bare, `${bare}/`];
}

/**
 * A path on the portal's own origin, from whatever a link says. Anything a browser could read as another origin
 * (`//evil`, `/\evil`, `https:evil`, tabs, newlines) becomes the home page.
 */
export function safeReturnPath(wanted: string | null | undefined, origin: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop control characters before they read an address.
  if (!wanted || wanted.length > 2000 || /[\u0000-\u0020\u007f-\u009f\\]/.test(wanted)) return "/";
  const relative = wanted.startsWith(`${origin}/`) ? wanted.slice(origin.length) : wanted;
  if (!relative.startsWith("/") || relative.startsWith("//")) return "/";
  if (!URL.canParse(relative, origin)) return "/";
  const url = new URL(relative, origin);
  const path = `${url.pathname}${url.search}${url.hash}`;
  // "/.//evil" is a path whose normal form starts with two slashes; and nobody wants to come back to the sign-in page.
  if (url.origin !== origin || path.startsWith("//") || url.pathname.startsWith("/sign-in")) return "/";
  return path;
}
