// OpenSSH user certificates for Ed25519 keys, as bytes: PROTOCOL.certkeys of OpenSSH, "ssh-ed25519-cert-v01@openssh.com".
// Who may have one, and for how long, is decided in certificate-authority.ts.
import { type KeyObject, randomBytes } from "node:crypto";
import { blobType, publicKeyBlob, signatureBlob } from "./public-key";
import { string, strings, uint32, uint64, type WireReader, wireReader } from "./wire";

export const CERTIFICATE_TYPE = "ssh-ed25519-cert-v01@openssh.com";
const USER_CERTIFICATE = 1;

/** What the holder may ask of sshd beyond running commands, ssh-keygen(1) "CERTIFICATES". */
export type CertificateExtension = "permit-pty" | "permit-port-forwarding";

export type CertificateClaims = {
  /** The one account it logs in to. */
  principal: string;
  /** What sshd writes into its log. */
  keyId: string;
  serial: bigint;
  validAfterAt: Date;
  validBeforeAt: Date;
  /** Networks it may be used from. Empty: anywhere. */
  sourceAddress: readonly string[];
  extensions: readonly CertificateExtension[];
};

const seconds = (at: Date): bigint => BigInt(Math.floor(at.getTime() / 1000));

function criticalOptions(claims: CertificateClaims): Buffer {
  if (claims.sourceAddress.length === 0) return Buffer.alloc(0);
  return strings(["source-address", string(claims.sourceAddress.join(","))]);
}

// Options must be in lexical order; an extension without a value carries an empty one.
const extensionList = (claims: CertificateClaims): Buffer =>
  Buffer.concat([...claims.extensions].sort().map((name) => strings([name, ""])));

function unsignedCertificate(userKey: KeyObject, claims: CertificateClaims, authority: Buffer): Buffer {
  const point = wireReader(publicKeyBlob(userKey));
  point.string();
  return Buffer.concat([
    strings([CERTIFICATE_TYPE, randomBytes(32), point.string()]),
    uint64(claims.serial),
    uint32(USER_CERTIFICATE),
    strings([claims.keyId, string(claims.principal)]),
    uint64(seconds(claims.validAfterAt)),
    uint64(seconds(claims.validBeforeAt)),
    strings([criticalOptions(claims), extensionList(claims), "", authority]),
  ]);
}

/** A certificate over `userKey` (Ed25519), signed by `authorityKey` (Ed25519, ECDSA or RSA). */
export function signCertificate(userKey: KeyObject, claims: CertificateClaims, authorityKey: KeyObject): Buffer {
  const body = unsignedCertificate(userKey, claims, publicKeyBlob(authorityKey));
  return Buffer.concat([body, string(signatureBlob(authorityKey, body))]);
}

export type Certificate = {
  /** The certified key, as a plain public key. */
  publicKey: Buffer;
  isForUsers: boolean;
  principals: string[];
  keyId: string;
  serial: bigint;
  validAfterAt: Date;
  validBeforeAt: Date;
  sourceAddress: string[];
  extensions: string[];
  authority: Buffer;
};

function all<T>(bytes: Uint8Array, read: (reader: WireReader) => T): T[] {
  const reader = wireReader(bytes);
  const found: T[] = [];
  while (!reader.isAtEnd()) found.push(read(reader));
  return found;
}

const option = (reader: WireReader) => ({ name: reader.text(), value: reader.string() });

// "Forever" is 2^64 - 1; a Date holds less, so it becomes the last one there is.
const dateOf = (at: bigint): Date => new Date(Math.min(Number(at) * 1000, 8.64e15));

/** Reads a certificate without judging it (its signature is sshd's business). Throws on anything malformed. */
export function readCertificate(blob: Uint8Array): Certificate {
  if (blobType(blob) !== CERTIFICATE_TYPE) throw new TypeError(`Not a certificate of type ${CERTIFICATE_TYPE}`);
  const reader = wireReader(blob);
  reader.string();
  reader.string(); // nonce
  const publicKey = strings(["ssh-ed25519", reader.string()]);
  const serial = reader.uint64();
  const isForUsers = reader.uint32() === USER_CERTIFICATE;
  const keyId = reader.text();
  const principals = all(reader.string(), (list) => list.text());
  const [validAfterAt, validBeforeAt] = [dateOf(reader.uint64()), dateOf(reader.uint64())];
  const sources = all(reader.string(), option).filter(({ name }) => name === "source-address");
  const sourceAddress = sources.flatMap(({ value }) => wireReader(value).text().split(","));
  const extensions = all(reader.string(), option).map(({ name }) => name);
  reader.string(); // reserved
  const authority = reader.string();
  return {
    publicKey,
    isForUsers,
    principals,
    keyId,
    serial,
    validAfterAt,
    validBeforeAt,
    sourceAddress,
    extensions,
    authority,
  };
}
