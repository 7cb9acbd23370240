import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CertificateClaims, readCertificate, signCertificate } from "./certificate";
import { fingerprint, lineOfBlob, publicKeyBlob } from "./public-key";

const claims: CertificateClaims = {
  principal: "alice",
  keyId: "berth login=l-17",
  serial: 2n ** 62n + 5n,
  validAfterAt: new Date("2026-11-22T07:00:00Z"),
  validBeforeAt: new Date("2026-11-22T07:06:00Z"),
  sourceAddress: ["192.0.2.0/24", "2001:db8::/32"],
  extensions: ["permit-pty", "permit-port-forwarding"],
};

const authorities: [string, () => KeyObject][] = [
  ["ed25519", () => generateKeyPairSync("ed25519").privateKey],
  ["ECDSA P-256", () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
  ["ECDSA P-521", () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey],
  ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
];

const userKey = generateKeyPairSync("ed25519").privateKey;
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "certificate-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What OpenSSH itself says; it also checks the signature. */
function sshKeygenSays(blob: Buffer): string {
  const file = join(dir, "user-cert.pub");
  writeFileSync(file, `${lineOfBlob(blob)} test\n`);
  return execFileSync("ssh-keygen", ["-L", "-f", file], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, TZ: "UTC" } as never,
  });
}

describe("a user certificate", () => {
  it.each(authorities)("signed by an %s authority is read by ssh-keygen as it was meant", (_name, make) => {
    const authority = make();
    const said = sshKeygenSays(signCertificate(userKey, claims, authority));
    expect(said).toContain("Type: ssh-ed25519-cert-v01@openssh.com user certificate");
    expect(said).toContain(`Public key: ED25519-CERT ${fingerprint(publicKeyBlob(userKey))}`);
    expect(said).toContain(fingerprint(publicKeyBlob(authority)));
    expect(said).toContain('Key ID: "berth login=l-17"');
    expect(said).toContain(`Serial: ${2n ** 62n + 5n}`);
    expect(said).toContain("Valid: from 2026-11-22T07:00:00 to 2026-11-22T07:06:00");
    expect(said).toMatch(
      /Principals: \n\s+alice\n\s+Critical Options: \n\s+source-address 192.0.2.0\/24,2001:db8::\/32\n/,
    );
    expect(said).toMatch(/Extensions: \n\s+permit-port-forwarding\n\s+permit-pty\n/);
  });

  it("allows nothing beyond commands, from anywhere, when nothing else is asked for", () => {
    const authority = generateKeyPairSync("ed25519").privateKey;
    const said = sshKeygenSays(signCertificate(userKey, { ...claims, sourceAddress: [], extensions: [] }, authority));
    expect(said).toContain("Critical Options: (none)");
    expect(said).toContain("Extensions: (none)");
  });

  it("reads back as what was written", () => {
    const authority = generateKeyPairSync("ed25519").privateKey;
    const { principal, ...rest } = claims;
    expect(readCertificate(signCertificate(userKey, claims, authority))).toEqual({
      ...rest,
      principals: [principal],
      extensions: ["permit-port-forwarding", "permit-pty"],
      isForUsers: true,
      publicKey: publicKeyBlob(userKey),
      authority: publicKeyBlob(authority),
    });
  });

  it("is signed over everything before the signature", () => {
    const authority = generateKeyPairSync("ed25519").privateKey;
    const blob = signCertificate(userKey, claims, authority);
    const signedPart = blob.subarray(0, blob.length - 4 - (4 + 11 + 4 + 64));
    const check = (data: Buffer) => verify(null, data, createPublicKey(authority), blob.subarray(-64));
    expect(check(signedPart)).toBe(true);
    expect(check(Buffer.concat([signedPart.subarray(1), Buffer.from([0])]))).toBe(false);
  });

  it("never has the same bytes twice, even for the same claims", () => {
    const authority = generateKeyPairSync("ed25519").privateKey;
    const [one, other] = [0, 1].map(() => signCertificate(userKey, claims, authority).toString("hex"));
    expect(one).not.toBe(other);
  });

  it("that is cut short or of another type is refused when read", () => {
    const blob = signCertificate(userKey, claims, generateKeyPairSync("ed25519").privateKey);
    expect(() => readCertificate(blob.subarray(0, 120))).toThrow(RangeError);
    expect(() => readCertificate(publicKeyBlob(userKey))).toThrow(TypeError);
  });
});
