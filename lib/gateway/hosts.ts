// Which of our hosts a request is for: the portal's own, the origin of one session's app, or none of ours.
// Only the Host header decides, compared with portal.yaml; forwarded host headers are never read.

/** What of portal.yaml names our hosts: `url`, and a wildcard or a finite list. */
export type HostConfig = { url: string; appsHosts: string | string[] };

/** `sessionId` is null on a host of a finite list: the assignment says whose it is at the moment. */
export type Place = { kind: "portal" } | { kind: "app"; host: string; sessionId: string | null };

const sessionLabel = /^[a-z][a-z0-9]{15}$/;

/** Lower case, without the scheme's own port. */
function plain(host: string, protocol: string): string {
  return host.toLowerCase().replace(protocol === "https:" ? /:443$/ : /:80$/, "");
}

/** The place a Host header names, or null when it is not ours. */
export function placeOf(hostHeader: string, config: HostConfig): Place | null {
  const url = new URL(config.url);
  const host = plain(hostHeader, url.protocol);
  if (host === url.host) return { kind: "portal" };
  if (Array.isArray(config.appsHosts)) {
    const known = config.appsHosts.some((entry) => plain(entry, url.protocol) === host);
    return known ? { kind: "app", host, sessionId: null } : null;
  }
  const [label = "", ...rest] = host.split(".");
  const ours = plain(config.appsHosts, url.protocol) === `*.${rest.join(".")}`;
  return ours && sessionLabel.test(label) ? { kind: "app", host, sessionId: label } : null;
}

/** The host of a session's app where there is a wildcard; null on a finite list. */
export function wildcardHost(sessionId: string, config: HostConfig): string | null {
  if (Array.isArray(config.appsHosts)) return null;
  return plain(config.appsHosts.replace("*", sessionId), new URL(config.url).protocol);
}

/** The finite list, or null where there is a wildcard. */
export function finiteHosts(config: HostConfig): string[] | null {
  if (!Array.isArray(config.appsHosts)) return null;
  return config.appsHosts.map((entry) => plain(entry, new URL(config.url).protocol));
}

/** `https://<host>`: apps are served with the portal's own scheme. */
export function originOf(host: string, config: HostConfig): string {
  return `${new URL(config.url).protocol}//${host}`;
}

/** Name of an app origin's cookie. Cookies ignore ports, so two portals of one machine differ by it. */
export function appCookieName(config: HostConfig): string {
  const url = new URL(config.url);
  return `__Host-berth-app-${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}
