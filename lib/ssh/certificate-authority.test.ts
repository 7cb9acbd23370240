import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { log } from "@/lib/log";
import { readCertificate, signCertificate } from "./certificate";
import { type IdentityRequest, newIdentity } from "./certificate-authority";
import { blobOfLine, lineOfBlob, publicKeyBlob } from "./public-key";

const now = new Date("2026-11-22T07:30:00Z");
const request: IdentityRequest = {
  user: "alice",
  keyId: "berth login=l-17",
  sourceAddress: ["192.0.2.7"],
  extensions: ["permit-port-forwarding"],
  now,
};

let dir: string;
let keyFile: string;

function keygen(name: string, ...options: string[]): string {
  const file = join(dir, name);
  execFileSync("ssh-keygen", ["-q", "-N", "", "-f", file, ...options]);
  return file;
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "authority-"));
  keyFile = keygen("ca", "-t", "ed25519");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A signer of the site, in a few lines of sh: it remembers what it was asked and prints what `answer` says. */
function signer(name: string, answer: string): { command: string[]; asked: string } {
  const asked = join(dir, `${name}.json`);
  const script = join(dir, `${name}.sh`);
  writeFileSync(script, `cat > '${asked}'\n${answer}\n`);
  return { command: ["/bin/sh", script], asked };
}

/** ssh-keygen as the signer: the public key is the third field of the question. */
const signWithKeygen = (principal: string) => `
sed 's/.*"publicKey":"\\([^"]*\\)".*/\\1/' < "$0.in" > '${dir}/k.pub'
rm -f '${dir}/k-cert.pub'
ssh-keygen -q -s '${keyFile}' -I signed-outside -n ${principal} -V +5m '${dir}/k.pub' && cat '${dir}/k-cert.pub'`;

describe("a key file", () => {
  it.each([
    ["ed25519", []],
    ["ecdsa", ["-b", "384"]],
    ["rsa", ["-b", "2048"]],
  ])("of type %s signs a certificate for five minutes, backdated by one", async (type, options) => {
    const file = keygen(`ca-${type}`, "-t", type, ...options);
    const { certificate, privateKey } = await newIdentity({ keyFile: file }, request);
    expect(readCertificate(certificate)).toMatchObject({
      publicKey: publicKeyBlob(privateKey),
      principals: ["alice"],
      keyId: "berth login=l-17",
      sourceAddress: ["192.0.2.7"],
      extensions: ["permit-port-forwarding"],
      validAfterAt: new Date("2026-11-22T07:29:00Z"),
      validBeforeAt: new Date("2026-11-22T07:35:00Z"),
    });
    expect(
      readCertificate(certificate).authority.equals(
        blobOfLine(execFileSync("cat", [`${file}.pub`], { encoding: "utf8" })),
      ),
    ).toBe(true);
  });

  it("makes another key and serial for each connection", async () => {
    const [one, other] = await Promise.all([0, 1].map(() => newIdentity({ keyFile }, request)));
    const read = [one, other].map((identity) => readCertificate(identity?.certificate ?? Buffer.alloc(0)));
    expect(read[0]?.publicKey.equals(read[1]?.publicKey ?? Buffer.alloc(0))).toBe(false);
    expect(read[0]?.serial).not.toBe(read[1]?.serial);
  });

  it.each([0o640, 0o604, 0o660])("that others can read (mode %o) is refused", async (mode) => {
    const file = keygen(`open-${mode}`, "-t", "ed25519");
    chmodSync(file, mode);
    await expect(newIdentity({ keyFile: file }, request)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("open to other accounts"),
    });
  });

  it.each([
    ["missing", () => join(dir, "no-such-file"), "cannot be read"],
    ["a directory", () => dir, "is not a file"],
    ["a public key", () => `${keyFile}.pub`, "open to other accounts"],
  ])("that is %s is refused as unavailable", async (_what, path, words) => {
    const refusal = expect.objectContaining({ code: "unavailable", message: expect.stringContaining(words) });
    await expect(newIdentity({ keyFile: path() }, request)).rejects.toEqual(refusal);
  });

  it("with a passphrase, or with something else in it, is refused as unavailable", async () => {
    const locked = join(dir, "locked");
    execFileSync("ssh-keygen", ["-q", "-N", "secret", "-t", "ed25519", "-f", locked]);
    const junk = join(dir, "junk");
    writeFileSync(junk, "not a key\n", { mode: 0o600 });
    for (const file of [locked, junk]) {
      await expect(newIdentity({ keyFile: file }, request)).rejects.toMatchObject({ code: "unavailable" });
    }
  });

  it("keeps a key id on one line, printable and short", async () => {
    const { certificate } = await newIdentity({ keyFile }, { ...request, keyId: `a\nb\u001b[31m${"x".repeat(500)}` });
    const { keyId } = readCertificate(certificate);
    expect(keyId).toMatch(/^a\?b\?\[31mx+$/);
    expect(keyId).toHaveLength(200);
  });
});

describe("an external signer", () => {
  it("is asked with the public key, account, key id and validity, and its certificate is used", async () => {
    const { command, asked } = signer("good", `cp '${join(dir, "good.json")}' "$0.in"\n${signWithKeygen("alice")}`);
    const { certificate, privateKey } = await newIdentity({ command }, request);
    expect(readCertificate(certificate)).toMatchObject({ keyId: "signed-outside", principals: ["alice"] });
    const question = JSON.parse(execFileSync("cat", [asked], { encoding: "utf8" }));
    expect(question).toEqual({
      publicKey: lineOfBlob(publicKeyBlob(privateKey)),
      principal: "alice",
      keyId: "berth login=l-17",
      serial: expect.stringMatching(/^[0-9]+$/),
      sourceAddress: ["192.0.2.7"],
      extensions: ["permit-port-forwarding"],
      validAfter: "2026-11-22T07:29:00.000Z",
      validBefore: "2026-11-22T07:35:00.000Z",
    });
  });

  it("that signs for another account is not believed", async () => {
    const { command } = signer("other", `cp '${join(dir, "other.json")}' "$0.in"\n${signWithKeygen("mallory")}`);
    await expect(newIdentity({ command }, request)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("that signs another key is not believed", async () => {
    const authority = generateKeyPairSync("ed25519").privateKey;
    const { certificate } = await newIdentity({ keyFile }, request);
    const { keyId, serial, validAfterAt, validBeforeAt } = readCertificate(certificate);
    const claims = {
      principal: "alice",
      keyId,
      serial,
      validAfterAt,
      validBeforeAt,
      sourceAddress: [],
      extensions: [],
    };
    const foreign = signCertificate(generateKeyPairSync("ed25519").privateKey, claims, authority);
    const { command } = signer("foreign", `echo '${lineOfBlob(foreign)}'`);
    await expect(newIdentity({ command }, request)).rejects.toMatchObject({ code: "unavailable" });
  });

  it.each([
    ["fails", "echo 'vault: sealed' >&2; exit 3", "signer failed"],
    ["prints nothing", "true", "did not return a certificate"],
    ["prints a plain key", `echo 'ssh-ed25519 ${Buffer.alloc(40).toString("base64")}'`, "did not return a certificate"],
    ["floods", "yes", "does not answer"],
  ])("that %s makes the log-in unavailable, not possible in another way", async (name, answer, words) => {
    const { command } = signer(name.replaceAll(" ", "-"), answer);
    const failure = newIdentity({ command }, request);
    await expect(failure).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(words),
      retryAfterSeconds: 15,
    });
    await expect(failure).rejects.not.toThrow(/vault|ssh-ed25519 /);
  });

  it("that refuses somebody is quoted in the log, and there alone", async () => {
    const warn = vi.spyOn(log(), "warn");
    const { command } = signer("refuses", "echo 'not for alice' >&2; exit 4");
    await expect(newIdentity({ command }, request)).rejects.not.toThrow("not for alice");
    const said = { user: "alice", code: 4, words: "not for alice\n" };
    expect(warn).toHaveBeenCalledWith(said, "ssh.signer-failed");
    warn.mockRestore();
  });

  it("that does not exist makes the log-in unavailable", async () => {
    await expect(newIdentity({ command: [join(dir, "gone")] }, request)).rejects.toMatchObject({ code: "unavailable" });
  });
});
