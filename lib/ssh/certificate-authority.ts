// Who signs the portal's user certificates: an OpenSSH private key file, or a program of the site. A fresh key pair and a
// certificate of five minutes are made for each connection; sshd looks at the expiry only while logging in.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import ssh2 from "ssh2";
import { localReach } from "@/lib/clusters/local";
import { isOpenToOthers } from "@/lib/env";
import { PortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import {
  CERTIFICATE_TYPE,
  type CertificateClaims,
  type CertificateExtension,
  readCertificate,
  signCertificate,
} from "./certificate";
import { blobOfLine, lineOfBlob, publicKeyBlob } from "./public-key";
import type { CertificateAuthorityConfig } from "./schema";

const VALID_SECONDS = 300;
/** For clocks that are not quite the same. */
const BACKDATED_SECONDS = 60;
const SIGNER_SECONDS = 5;
const SIGNER_OUTPUT_BYTES = 64 * 1024;

/** What one connection logs in with. The private key never leaves the process. */
export type Identity = { privateKey: KeyObject; certificate: Buffer };

export type IdentityRequest = {
  user: string;
  /** Names the login in sshd's log; made printable and cut to 200 characters. */
  keyId: string;
  sourceAddress: readonly string[];
  extensions: readonly CertificateExtension[];
  now: Date;
};

function unavailable(reason: string, cause?: unknown): PortalError {
  const message = `The portal cannot sign in to the cluster: ${reason}; see docs/operations.md`;
  return new PortalError("unavailable", message, { cause, retryAfterSeconds: 15 });
}

function claimsOf({ now, user, keyId, ...limits }: IdentityRequest): CertificateClaims {
  const validAfterAt = new Date(now.getTime() - BACKDATED_SECONDS * 1000);
  const validBeforeAt = new Date(now.getTime() + VALID_SECONDS * 1000);
  const serial = randomBytes(8).readBigUInt64BE() >> 1n;
  const printable = keyId.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
  return { principal: user, keyId: printable, serial, validAfterAt, validBeforeAt, ...limits };
}

/** Reads the key file as sshd would insist on it: a plain file that nobody else can read. */
async function readKeyFile(path: string): Promise<string> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unavailable("the key of its certificate authority cannot be read", cause);
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw unavailable("the key of its certificate authority is not a file");
    if (isOpenToOthers(path, stat)) throw unavailable("the key of its certificate authority is open to other accounts");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function authorityKey(path: string): Promise<KeyObject> {
  const text = await readKeyFile(path);
  const parsed = ssh2.utils.parseKey(text);
  // An encrypted key, too, is an Error here: its passphrase would have to lie beside it.
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    throw unavailable("the key of its certificate authority is not an OpenSSH private key without passphrase", parsed);
  }
  return createPrivateKey(parsed.getPrivatePEM());
}

function question(userKey: KeyObject, claims: CertificateClaims): string {
  const { serial, validAfterAt, validBeforeAt, ...rest } = claims;
  const publicKey = lineOfBlob(publicKeyBlob(userKey));
  const validity = { validAfter: validAfterAt.toISOString(), validBefore: validBeforeAt.toISOString() };
  return `${JSON.stringify({ publicKey, serial: serial.toString(), ...rest, ...validity })}\n`;
}

async function askSigner(command: readonly string[], userKey: KeyObject, claims: CertificateClaims): Promise<string> {
  const answer = await localReach()
    .run([...command], {
      user: "",
      stdin: Buffer.from(question(userKey, claims)),
      timeoutSeconds: SIGNER_SECONDS,
      maxBytes: SIGNER_OUTPUT_BYTES,
    })
    .catch((cause: unknown) => {
      throw unavailable("its certificate signer does not answer", cause);
    });
  if (answer.code === 0) return Buffer.from(answer.stdout).toString("utf8");
  // What a signer prints is for the operator's log, not for the person who waits.
  const words = Buffer.from(answer.stderr).toString("utf8").slice(0, 2000);
  log().warn({ user: claims.principal, code: answer.code, words }, "ssh.signer-failed");
  throw unavailable("its certificate signer failed", new Error(`exit code ${answer.code}: ${words}`));
}

/** A signer may give less than was asked for, but nothing else. */
function checkAnswer(line: string, userKey: KeyObject, claims: CertificateClaims): Buffer {
  try {
    const blob = blobOfLine(line);
    const certificate = readCertificate(blob);
    const isOurs = certificate.publicKey.equals(publicKeyBlob(userKey)) && certificate.isForUsers;
    const isForUser = certificate.principals.length === 1 && certificate.principals[0] === claims.principal;
    if (!isOurs || !isForUser) throw new TypeError("The certificate is for another key or another account");
    return blob;
  } catch (cause) {
    throw unavailable(`its certificate signer did not return a certificate of type ${CERTIFICATE_TYPE}`, cause);
  }
}

/** A new key pair with its certificate. Throws PortalError `unavailable` when nobody can sign; there is no other way in. */
export async function newIdentity(authority: CertificateAuthorityConfig, request: IdentityRequest): Promise<Identity> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const claims = claimsOf(request);
  if ("keyFile" in authority) {
    const key = await authorityKey(authority.keyFile);
    return { privateKey, certificate: signCertificate(privateKey, claims, key) };
  }
  const userKey = createPublicKey(privateKey);
  const line = await askSigner(authority.command, userKey, claims);
  return { privateKey, certificate: checkAnswer(line, userKey, claims) };
}
