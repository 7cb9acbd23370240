// Where the gateway may connect to. The address is the scheduler's, the port the job's connection record; both must be
// inside what portal.yaml allows, and the connection goes to the checked address, never to a name.
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { PortalError } from "@/lib/errors";

/** Daemons of the cluster itself, which no session's app may pose as: NFS, MySQL, PostgreSQL, Slurm's four. */
const daemonPorts = new Set([2049, 3306, 5432, 6817, 6818, 6819, 6820]);

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** ::ffff:a.b.c.d is the same host as a.b.c.d, and is checked as such. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");

function isInside(address: string, networks: string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = "", bits = ""] = network.split("/");
    list.addSubnet(base, Number(bits), family(base));
  }
  return list.check(address, family(address));
}

async function addressOfName(name: string): Promise<string> {
  // A number in any spelling is not a name: resolvers read 2130706433 and 0177.1 as addresses.
  if (!/^[A-Za-z][A-Za-z0-9.-]{0,252}$/.test(name)) throw new PortalError("cluster", "The node has no usable address.");
  const { address } = await lookup(name).catch((cause: Error) => {
    throw new PortalError("cluster", `The address of node ${name} is not known here.`, { cause, words: cause.message });
  });
  return address;
}

/**
 * The address and port to connect to for a node that the scheduler calls `nodeAddress`. Throws `cluster` when it is outside
 * `nodeNetworks` (CIDR) or the port is one that no app of a person can have.
 */
export async function checkedTarget(
  nodeAddress: string,
  port: number,
  nodeNetworks: string[],
): Promise<{ host: string; port: number }> {
  if (!Number.isInteger(port) || port < 1024 || port > 65535 || daemonPorts.has(port)) {
    throw new PortalError("cluster", "The app's port is not one that a session may use.");
  }
  const plain = unmapped(nodeAddress);
  const host = isIP(plain) > 0 && !plain.includes("%") ? plain : unmapped(await addressOfName(plain));
  if (!isInside(host, nodeNetworks)) {
    throw new PortalError("cluster", `The node's address ${host} is not in the cluster's nodeNetworks.`);
  }
  return { host, port };
}
