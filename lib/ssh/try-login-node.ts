// One login node looked at directly, past the pool: which host keys it offers, whether it admits a certificate, how many
// channels fit on one connection. For an operator's examination of a cluster, never for a person's request.
import { generateKeyPairSync } from "node:crypto";
import ssh2, { type ClientChannel, type ServerHostKeyAlgorithm } from "ssh2";
import { readCertificate, signCertificate } from "./certificate";
import { type Identity, newIdentity } from "./certificate-authority";
import { type Connection, dial, type LoginNode } from "./connection";
import { pinnedKeys } from "./host-key";
import { lineOfBlob } from "./public-key";
import type { SshReachConfig } from "./schema";

const FIVE_MINUTES_MS = 300_000;

/** One question each: a server shows only one key a connection. The last is RSA with SHA-1. */
const KINDS: ServerHostKeyAlgorithm[][] = [
  ["ssh-ed25519"],
  ["ecdsa-sha2-nistp256"],
  ["ecdsa-sha2-nistp384"],
  ["ecdsa-sha2-nistp521"],
  ["rsa-sha2-512", "rsa-sha2-256"],
  ["ssh-rsa"],
];

export type OfferedKey = { line: string; isSha1: boolean };

function showKey(node: LoginNode, kind: ServerHostKeyAlgorithm[], seconds: number): Promise<Buffer | null> {
  const client = new ssh2.Client();
  let shown: Buffer | null = null;
  return new Promise((resolve, reject) => {
    client.on("error", (cause) => {
      if (shown || /no matching .*host key/i.test(cause.message)) resolve(shown);
      else reject(cause);
    });
    client.once("close", () => resolve(shown));
    client.connect({
      ...{ host: node.host, port: node.port, readyTimeout: seconds * 1000 },
      // Never sent: the key is refused before anybody logs in.
      username: "nobody",
      algorithms: { serverHostKey: kind },
      hostVerifier: (key: Buffer) => {
        shown = Buffer.from(key);
        return false;
      },
    });
  });
}

/** Every host key that `node` offers, as lines to pin. Throws what the socket or the handshake says. */
export async function offeredKeys(node: LoginNode, seconds: number): Promise<OfferedKey[]> {
  const found: OfferedKey[] = [];
  for (const kind of KINDS) {
    const key = await showKey(node, kind, seconds);
    if (key) found.push({ line: lineOfBlob(key), isSha1: kind[0] === "ssh-rsa" });
  }
  return found;
}

type Place = { node: LoginNode; user: string; config: SshReachConfig };

const dialWith = (identity: Identity, { node, user, config }: Place): Promise<Connection> =>
  dial(node, { user, identity, settings: { ...config, pinned: pinnedKeys(config.hostKeys) } });

/** Logs in as the portal would for a command. Throws as `dial` and `newIdentity` do. */
export async function logIn(place: Place, cluster: string): Promise<Connection> {
  const { user, config } = place;
  const keyId = `berth cluster=${cluster} user=${user} for=commands login=doctor`;
  const sourceAddress = config.sourceAddress ?? [];
  const identity = await newIdentity(config.ca, { user, keyId, sourceAddress, extensions: [], now: new Date() });
  return dialWith(identity, place);
}

/** The public key that login nodes must trust, as a line for `TrustedUserCAKeys`. */
export async function authorityLine({ user, config }: Omit<Place, "node">): Promise<string> {
  const request = { user, keyId: "berth login=doctor", sourceAddress: [], extensions: [], now: new Date() };
  return lineOfBlob(readCertificate((await newIdentity(config.ca, request)).certificate).authority);
}

/** Tries a certificate of an authority that was made just now: a login node that admits it admits everybody. */
export async function logInAsStranger(place: Place): Promise<Connection> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const authority = generateKeyPairSync("ed25519").privateKey;
  const claims = {
    ...{ principal: place.user, keyId: "berth login=doctor wrong-authority", serial: 1n },
    ...{ validAfterAt: new Date(Date.now() - FIVE_MINUTES_MS), validBeforeAt: new Date(Date.now() + FIVE_MINUTES_MS) },
    ...{ sourceAddress: [], extensions: [] },
  };
  return dialWith({ privateKey, certificate: signCertificate(privateKey, claims, authority) }, place);
}

/** How many of `wanted` shells may be open at once on `connection`: sshd_config(5) MaxSessions. */
export async function countChannels({ client }: Connection, wanted: number): Promise<number> {
  const open: ClientChannel[] = [];
  const one = () =>
    new Promise<ClientChannel | null>((resolve) => {
      client.exec("exec /bin/sh -s", (error, channel) => resolve(error ? null : channel));
    });
  while (open.length < wanted) {
    const channel = await one();
    if (!channel) break;
    open.push(channel);
  }
  for (const channel of open) channel.close();
  return open.length;
}
