// Which of our hosts a request is for: the portal's own, the origin of one session's app, or none of ours.
// Only the Host header decides, compared with portal.yaml; forwarded host headers are never read.
import { once } from "@/lib/once";

/** What of portal.yaml names our hosts: `url`, and a wildcard or a finite list. */
export type HostConfig = { url: string; appsHosts: string | string[] };

/** `sessionId` is null on a host of a finite list: the assignment says whose it is at the moment. */
export type Place = { kind: "portal" } | { kind: "app"; host: string; sessionId: string | null };

const sessionLabel = /^[a-z][a-z0-9]{15}$/;

/** Lower case, without the scheme's own port. */
function plain(host: string, protocol: string): string {
  return host.toLowerCase().replace(protocol === "https:" ? /:443$/ : /:80$/, "");
}

/** What a configuration means for every request, worked out once: an address is slow to take apart. */
type Known = { protocol: string; portal: string; apps: Set<string>; wildcard: string | null; cookie: string };

function knownOf(config: HostConfig): Known {
  const known = once("gateway.hosts", () => new WeakMap<HostConfig, Known>());
  const found = known.get(config);
  if (found) return found;
  const { protocol, host, port } = new URL(config.url);
  const { appsHosts } = config;
  const isList = Array.isArray(appsHosts);
  const made = {
    protocol,
    portal: host,
    apps: new Set(isList ? appsHosts.map((entry) => plain(entry, protocol)) : []),
    wildcard: isList ? null : plain(appsHosts, protocol).slice(1),
    cookie: `__Host-berth-app-${port || (protocol === "https:" ? "443" : "80")}`,
  };
  known.set(config, made);
  return made;
}

/** The place a Host header names, or null when it is not ours. */
export function placeOf(hostHeader: string, config: HostConfig): Place | null {
  const { protocol, portal, apps, wildcard } = knownOf(config);
  const host = plain(hostHeader, protocol);
  if (host === portal) return { kind: "portal" };
  if (wildcard === null) return apps.has(host) ? { kind: "app", host, sessionId: null } : null;
  const label = host.endsWith(wildcard) ? host.slice(0, -wildcard.length) : "";
  return sessionLabel.test(label) ? { kind: "app", host, sessionId: label } : null;
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
export const appCookieName = (config: HostConfig): string => knownOf(config).cookie;
