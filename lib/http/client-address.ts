// The network address a request came from. Only the socket and a configured reverse proxy can be believed, so server.ts
// works it out once and passes it to route handlers in a header of ours; what a client sends by that name is overwritten.
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

export const ADDRESS_HEADER = "x-berth-address";

const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, "");

function proxyList(proxies: string[]): BlockList {
  const list = new BlockList();
  for (const entry of proxies) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits) list.addSubnet(address, Number(bits), family);
    else if (isIP(address)) list.addAddress(address, family);
  }
  return list;
}

/** Address of the client of a bare request. `trustedProxies` are addresses or CIDR ranges whose X-Forwarded-For counts. */
export function clientAddress(request: IncomingMessage, trustedProxies: string[]): string {
  const trusted = proxyList(trustedProxies);
  const isTrusted = (address: string) =>
    isIP(address) > 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  const forwarded = String(request.headers["x-forwarded-for"] ?? "").split(",");
  // Read from the right: each trusted hop vouches for the one before it, and the first untrusted one is the client.
  let address = plain(request.socket.remoteAddress ?? "unknown");
  while (isTrusted(address)) {
    const before = forwarded.pop()?.trim();
    if (!before || isIP(plain(before)) === 0) break;
    address = plain(before);
  }
  return address;
}

/** The first 64 bits of an IPv6 address: what one household or host has, and could change address in without end. */
function network(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const rest = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => "0"), ...rest];
  return `${all.slice(0, 4).join(":")}::/64`;
}

const counted = (address: string): string => (isIP(address) === 6 ? network(address) : address);

/** Whom to count a request against: the address server.ts found, of IPv6 its network. */
export const addressOf = (request: { headers: Headers }): string =>
  counted(request.headers.get(ADDRESS_HEADER) ?? "unknown");

/** The same of a bare request. */
export const bareAddressOf = (request: IncomingMessage, trustedProxies: string[]): string =>
  counted(clientAddress(request, trustedProxies));
