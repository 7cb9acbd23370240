// Accounts that a real sshd does not admit, each in its own way: none of them may close the login node for everybody else.
import { afterEach, expect, it } from "vitest";
import { clusterFacts } from "./cluster-facts";
import { sshReach } from "./reach";
import { sshReachSchema } from "./schema";
import { startSshd } from "./sshd-for-tests";

const { ca } = clusterFacts(process.env);
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The login node of an sshd with these settings. */
async function loginNode(settings: Omit<Parameters<typeof startSshd>[0], "caFile">) {
  const sshd = await startSshd({ caFile: ca.publicKey, ...settings });
  closers.push(() => sshd.stop());
  const hosts = [{ host: sshd.host, port: sshd.port }];
  const reach = sshReach(sshReachSchema.parse({ hosts, hostKeys: [sshd.hostKey], ca: { keyFile: ca.privateKey } }));
  closers.push(() => reach.close());
  return { sshd, logIn: (user: string) => reach.run(["true"], { user }) };
}

/** Admits everybody but bob, and tells him why. */
const allButBob = [
  "auth required pam_permit.so",
  "account [success=1 default=ignore] pam_succeed_if.so quiet user != bob",
  "account optional pam_echo.so Your account has expired.",
  "account required pam_succeed_if.so quiet user != bob",
  "session required pam_permit.so",
];

it("is a refusal where PAM does not admit it, and everybody else goes on logging in", async () => {
  const { sshd, logIn } = await loginNode({ pam: allButBob });
  const message = expect.stringContaining("not admitted there (PAM)");
  const refusal = { code: "cluster", accountRefused: true, message, words: "Your account has expired." };
  for (let tries = 0; tries < 3; tries += 1) await expect(logIn("bob")).rejects.toMatchObject(refusal);
  expect(sshd.log()).toContain("Access denied for user bob by PAM account configuration");
  expect((await logIn("alice")).code).toBe(0);
});

it("is a refusal where sshd allows one try only", async () => {
  const { sshd, logIn } = await loginNode({ lines: ["MaxAuthTries 1", "DenyUsers bob"] });
  await expect(logIn("bob")).rejects.toMatchObject({
    accountRefused: true,
    words: expect.stringContaining("Too many"),
  });
  expect(sshd.log()).toContain("Too many authentication failures");
  expect((await logIn("alice")).code).toBe(0);
});
