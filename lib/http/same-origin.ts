// Requests that carry the login cookie must come from the portal's own pages. Apps live on sibling hosts that are
// usually same-site, so SameSite cookies are no protection: the browser's own word for where a request began is.
// See https://www.w3.org/TR/fetch-metadata/ .
import { PortalError } from "@/lib/errors";

/** Throws `forbidden` for a request begun elsewhere. `origin` is the portal's own. */
export function requireSameOrigin(request: Request, origin: string): void {
  const site = request.headers.get("sec-fetch-site");
  const from = request.headers.get("origin");
  const reading = request.method === "GET" || request.method === "HEAD";
  const elsewhere = (from !== null && from !== origin) || site === "cross-site" || site === "same-site";
  // "none" is an address typed by the person: fine for reading, impossible for anything else a page does.
  const proven = reading || site === "same-origin" || (site === null && from === origin);
  if (elsewhere || !proven)
    throw new PortalError("forbidden", "This request did not come from the portal's own pages.");
}
