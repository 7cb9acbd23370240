// Small secrets at rest and signed values, under keys derived from PORTAL_SECRET: one key a purpose (HKDF, RFC 5869), so
// that what is made for one use is worth nothing in another. Refuses to work without a strong secret.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";
import { PortalError } from "@/lib/errors";

const shortest = 32;
const fewestDifferent = 8;
const nonceBytes = 12;
const tagBytes = 16;
// Words of documentation and of habit: a secret that contains one was copied, not made.
// Short ones count as words only: in what was drawn by chance their letters stand side by side often enough.
const examples = /change.?me|replace|example|secret|password|\b(your|here)\b|1234567890|0123456789abcdef/i;

const advice = "Make one with: openssl rand -base64 48";

/** The portal's secret. Throws `invalid` when there is none, or one that could be guessed. */
export function requireSecret(secret = env().secret): string {
  if (!secret) throw new PortalError("invalid", `PORTAL_SECRET is not set. ${advice}`);
  if (secret.length < shortest) {
    throw new PortalError("invalid", `PORTAL_SECRET is shorter than ${shortest} characters. ${advice}`);
  }
  if (examples.test(secret) || new Set(secret).size < fewestDifferent) {
    throw new PortalError("invalid", `PORTAL_SECRET is an example or easy to guess. ${advice}`);
  }
  return secret;
}

/** A key of 32 bytes for `purpose`, the same on every replica and after every restart. */
export function deriveKey(purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", requireSecret(), "", `berth ${purpose}`, 32));
}

/** `text`, readable and changeable only with the portal's secret (AES-256-GCM). `purpose` names what it is. */
export function seal(text: string, purpose: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(purpose), nonce);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url")}`;
}

function cannotOpen(purpose: string, cause?: unknown): PortalError {
  const message = `A sealed ${purpose} cannot be opened: it was changed, or PORTAL_SECRET is not the one it was sealed with.`;
  return new PortalError("internal", message, { cause });
}

/** What was given to seal() for the same purpose. Throws `internal` when it was changed, or sealed with another secret. */
export function unseal(sealed: string, purpose: string): string {
  const bytes = Buffer.from(sealed.replace(/^v1\./, ""), "base64url");
  if (!sealed.startsWith("v1.") || bytes.length < nonceBytes + tagBytes) throw cannotOpen(purpose);
  const decipher = createDecipheriv("aes-256-gcm", deriveKey(purpose), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const body = decipher.update(bytes.subarray(nonceBytes + tagBytes));
  try {
    return Buffer.concat([body, decipher.final()]).toString("utf8");
  } catch (error) {
    throw cannotOpen(purpose, error);
  }
}

/** A signature of `text` for `purpose` (HMAC-SHA-256, base64url). */
export function sign(text: string, purpose: string): string {
  return createHmac("sha256", deriveKey(purpose)).update(text).digest("base64url");
}

/** True when `signature` is sign(text, purpose); compared in constant time. */
export function isSigned(text: string, signature: string, purpose: string): boolean {
  const expected = Buffer.from(sign(text, purpose));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
