// Cookies that cross the gateway. The portal's own never reach an app, and an app can neither set one of ours nor one
// for a wider domain (RFC 6265 section 5).

/** The portal's login, app and sign-in flow cookies, chunked or not. */
const ours = /^(__host-|__secure-)?(berth|next-auth)/i;

/** The Cookie header an app may see; null when nothing is left. Other cookies keep their bytes. */
export function cookiesForApp(header: string): string | null {
  const kept = header.split(";").filter((pair) => {
    const name = pair.split("=", 1)[0] ?? "";
    return pair.trim() !== "" && !ours.test(name.trim());
  });
  return kept.length === 0 ? null : kept.join(";").trim();
}

/** Values of the cookies called `name`; a header may hold several. */
export function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

/** An app's Set-Cookie as the browser may see it: bound to the app's own host; null when the name is ours. */
export function cookieFromApp(header: string): string | null {
  const [pair = "", ...attributes] = header.split(";");
  const equals = pair.indexOf("=");
  // A browser sends a nameless cookie as its bare value, which could then read as one of our names.
  const name = (equals > 0 ? pair.slice(0, equals) : pair.slice(equals + 1)).trim();
  if (ours.test(name)) return null;
  const kept = attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute));
  return [pair, ...kept].join(";");
}

/** Names in a Cookie header that are not ours: what an earlier app left on a host that is used again. */
export function foreignCookieNames(header: string | undefined): string[] {
  const names = (header ?? "").split(";").map((pair) => (pair.split("=", 1)[0] ?? "").trim());
  return [...new Set(names)].filter((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && !ours.test(name));
}
