// Between node:crypto keys and SSH's own bytes for public keys and signatures (RFC 4253 6.6, RFC 5656, RFC 8332, RFC 8709).
// RSA always signs with SHA-512; SHA-1 signatures are never made.
import { createHash, type KeyObject, sign } from "node:crypto";
import { mpint, string, strings, wireReader } from "./wire";

type Curve = { name: string; hash: string; bytes: number };

const CURVES: Record<string, Curve> = {
  "P-256": { name: "nistp256", hash: "sha256", bytes: 32 },
  "P-384": { name: "nistp384", hash: "sha384", bytes: 48 },
  "P-521": { name: "nistp521", hash: "sha512", bytes: 66 },
};

type Jwk = ReturnType<KeyObject["export"]> & Record<"crv" | "x" | "y" | "n" | "e", string>;

// Node types a JWK as an open record; the fields of the key types below are always there (RFC 7518, RFC 8037).
const jwkOf = (key: KeyObject): Jwk => key.export({ format: "jwk" }) as unknown as Jwk;

const base64url = (text: string): Buffer => Buffer.from(text, "base64url");

function curveOf(key: KeyObject): Curve {
  const curve = CURVES[jwkOf(key).crv];
  if (!curve) throw new TypeError(`SSH has no name for the curve ${jwkOf(key).crv}`);
  return curve;
}

/** The public half of `key` as SSH sends it. Ed25519, ECDSA on the three NIST curves, or RSA; else TypeError. */
export function publicKeyBlob(key: KeyObject): Buffer {
  const jwk = jwkOf(key);
  switch (key.asymmetricKeyType) {
    case "ed25519":
      return strings(["ssh-ed25519", base64url(jwk.x)]);
    case "rsa":
      return Buffer.concat([string("ssh-rsa"), mpint(base64url(jwk.e)), mpint(base64url(jwk.n))]);
    case "ec": {
      const { name } = curveOf(key);
      const point = Buffer.concat([Buffer.from([4]), base64url(jwk.x), base64url(jwk.y)]);
      return strings([`ecdsa-sha2-${name}`, name, point]);
    }
    default:
      throw new TypeError(`SSH cannot use a key of type ${key.asymmetricKeyType}`);
  }
}

function ecdsaSignature(key: KeyObject, data: Uint8Array): Buffer {
  const { name, hash, bytes } = curveOf(key);
  const both = sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
  const pair = Buffer.concat([mpint(both.subarray(0, bytes)), mpint(both.subarray(bytes))]);
  return strings([`ecdsa-sha2-${name}`, pair]);
}

/** Signs `data`; the result names its own algorithm, as everywhere in SSH. */
export function signatureBlob(key: KeyObject, data: Uint8Array): Buffer {
  switch (key.asymmetricKeyType) {
    case "ed25519":
      return strings(["ssh-ed25519", sign(null, data, key)]);
    case "rsa":
      return strings(["rsa-sha2-512", sign("sha512", data, key)]);
    case "ec":
      return ecdsaSignature(key, data);
    default:
      throw new TypeError(`SSH cannot use a key of type ${key.asymmetricKeyType}`);
  }
}

/** The type a public key or certificate says it has, such as `ssh-ed25519`. */
export const blobType = (blob: Uint8Array): string => wireReader(blob).text();

/** The bytes of one OpenSSH public key or certificate line (`type base64 comment`). */
export function blobOfLine(line: string): Buffer {
  const [type, base64] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64 ?? "", "base64");
  if (!type || blob.length < 8 || blobType(blob) !== type) throw new TypeError("Not an OpenSSH public key line");
  return blob;
}

export const lineOfBlob = (blob: Buffer): string => `${blobType(blob)} ${blob.toString("base64")}`;

/** As `ssh-keygen -l` prints it. */
export const fingerprint = (blob: Uint8Array): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
