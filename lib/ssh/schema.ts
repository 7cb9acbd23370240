// What portal.yaml says about reaching a cluster over SSH, and which account and host names may ever be dialled.
// Everything here is checked before a process is spawned or a socket opened.
import { z } from "zod";

/** A Unix account the portal may log in as: no upper case, no leading digit or dash, and never root. */
export const unixUserSchema = z
  .string()
  .regex(/^[a-z_][a-z0-9_.-]{0,31}$/, "Not an account name the portal can use")
  .refine((user) => user !== "root", "The portal never logs in as root");

/** A DNS name or an IP address. A leading dash, spaces and `@` are refused: they would be read as options or accounts. */
export const hostNameSchema = z
  .string()
  .max(253)
  .regex(
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$/,
    "Not a host name or IP address",
  );

export const portSchema = z.int().min(1).max(65_535);

/** True for a key of `type` from its first byte to its last: RFC 4253 6.6, each part with its length of four bytes before it. */
function isWholeKey(type: string, blob: Buffer): boolean {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return false;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return false;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  const isThere = parts.length > 1 && parts.every((part) => part.length > 0) && parts[0]?.toString("latin1") === type;
  return isThere && (type !== "ssh-ed25519" || parts[1]?.length === 32);
}

const keyLine = /^(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) ([A-Za-z0-9+/]+={0,2})(?: [^\n]*)?$/;

function isKeyLine(line: string): boolean {
  const [, type = "", key = ""] = keyLine.exec(line) ?? [];
  return type !== "" && isWholeKey(type, Buffer.from(key, "base64"));
}

/** One line of an OpenSSH public key file, sshd(8) "AUTHORIZED_KEYS FILE FORMAT" without options. */
const publicKeyLineSchema = z
  .string()
  .trim()
  .refine(isKeyLine, "Not a whole OpenSSH public key line; copy /etc/ssh/ssh_host_ed25519_key.pub of the login node");

/** An IP address, or a network as address and length of its mask. */
export const addressOrNetworkSchema = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "Not an IP address or network such as 192.0.2.0/24",
);

const numberOf = (parts: number[], base: bigint): bigint => parts.reduce((sum, part) => sum * base + BigInt(part), 0n);

/** The eight groups of an address of version 6, those that `::` stands for among them. */
function groupsOf(address: string): number[] {
  // A URL spells an address of version 4 at its end in such groups, too.
  const [head = [], tail] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split("::")
    .map((part) =>
      part
        .split(":")
        .filter(Boolean)
        .map((group) => Number.parseInt(group, 16)),
    );
  return tail ? [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail] : head;
}

/** True unless bits are set beyond the mask of a network: sshd refuses every certificate that has one such. */
function isWholeNetwork(network: string): boolean {
  const [address = "", mask] = network.split("/");
  const isLong = address.includes(":");
  const value = isLong ? numberOf(groupsOf(address), 65_536n) : numberOf(address.split(".").map(Number), 256n);
  const width = isLong ? 128 : 32;
  return value % 2n ** BigInt(width - Number(mask ?? width)) === 0n;
}

/** Addresses or networks for the certificate's `source-address` option, which separates them by commas. */
const sourceAddressSchema = addressOrNetworkSchema.refine(
  isWholeNetwork,
  "sshd takes a network only by its first address, such as 192.0.2.0/24",
);

const caKeyFileSchema = z.strictObject({ keyFile: z.string().min(1) });
const caCommandSchema = z.strictObject({ command: z.array(z.string().min(1)).min(1) });

/** A timer of more than 24.8 days would go off at once. */
const secondsSchema = z.number().positive().max(86_400);

export const sshReachSchema = z.strictObject({
  /** Login nodes, in order of preference; the last one that worked is tried first. */
  hosts: z.array(z.strictObject({ host: hostNameSchema, port: portSchema.default(22) })).min(1),
  /** The only host keys that are accepted from any of `hosts`. */
  hostKeys: z.array(publicKeyLineSchema).min(1),
  /**
   * Who signs user certificates: an OpenSSH private key file without passphrase, mode 0600, or a program. The program reads
   * one line of JSON {publicKey, serial, principal, keyId, sourceAddress, extensions, validAfter, validBefore} and prints
   * the certificate as an OpenSSH line; it has five seconds.
   */
  ca: z.union([caKeyFileSchema, caCommandSchema]),
  /** Where the portal connects from, as sshd sees it. Unset: the certificate is good from anywhere. */
  sourceAddress: z.array(sourceAddressSchema).min(1).optional(),
  /** How a session's app is reached: through the login node (needs AllowTcpForwarding), or straight from the portal. */
  apps: z.enum(["tunnel", "direct"]).default("tunnel"),
  connectTimeoutSeconds: z.number().positive().max(60).default(2),
  handshakeTimeoutSeconds: z.number().positive().max(120).default(10),
  /** How long a login shell may take before it reads its first command. */
  shellStartSeconds: z.number().positive().max(300).default(15),
  /** An unused connection is closed after this. */
  idleSeconds: secondsSchema.default(60),
  keepaliveSeconds: secondsSchema.default(15),
  /** Connections for commands of one person's login (and for the portal's own acts as that person); tunnels have as many again. */
  maxConnectionsPerUser: z.int().min(1).max(32).default(4),
  /** sshd allows `MaxSessions` of these (default 10). */
  maxChannelsPerConnection: z.int().min(1).max(64).default(8),
  /** A login node that failed is left alone for 1, 2, 4 ... seconds, and for this long at most. */
  retryHostSeconds: secondsSchema.default(30),
});

export type SshReachConfig = z.infer<typeof sshReachSchema>;
/** As written in portal.yaml: defaults may be left out. */
export type SshReachInput = z.input<typeof sshReachSchema>;
export type CertificateAuthorityConfig = SshReachConfig["ca"];
