// Somebody in the middle: the login node is suddenly another machine. The portal must not say who it is, nor for whom it
// comes, before it has seen a host key that portal.yaml names.
import { afterEach, expect, it } from "vitest";
import { smallFolder } from "@/e2e/api";
import { apiAs, siteUnderTest, swapLoginNode } from "@/e2e/attacks/site";
import type { Answer } from "@/lib/endpoints";
import { api as paths } from "@/lib/paths";
import { startSshd, type TestSshd } from "@/lib/ssh/sshd-for-tests";

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
  // The next row needs the cluster again, and so does every other file.
  await expect.poll(async () => (await hpc()).up, { timeout: 60_000, interval: 500 }).toBe(true);
});

async function hpc() {
  const { items } = await apiAs("carol").must<Answer<"clusters">>(paths.clusters());
  const [found] = items;
  if (!found) throw new Error("The portal has no cluster.");
  return found;
}

async function putInTheMiddle(settings: { keyType: "ed25519" | "rsa"; lines?: string[] }): Promise<TestSshd> {
  // It trusts the portal's own authority: only the host key stands between it and a login.
  const sshd = await startSshd({ caFile: `${siteUnderTest().clusterDir}/ca.pub`, ...settings });
  cleanUp.push(() => sshd.stop());
  cleanUp.push(swapLoginNode(sshd));
  return sshd;
}

const untilKnownDown = (words: RegExp) =>
  expect.poll(async () => (await hpc()).error ?? "", { timeout: 60_000, interval: 500 }).toMatch(words);

/** It was connected to, and nobody's name or key was told. */
function expectNothingSent(sshd: TestSshd): void {
  expect(sshd.log()).toContain("Connection from");
  expect(sshd.log()).not.toMatch(/userauth|Accepted|user .* service|publickey|alice|carol|berth/i);
}

const asked = () =>
  apiAs("carol").ask<object>(`${paths.preview()}?estimate=yes`, { method: "POST", body: smallFolder("hpc") });

it("C7 a login node with another key is refused before anything is sent, and the portal says which key it showed", async () => {
  const sshd = await putInTheMiddle({ keyType: "ed25519" });
  // A person's own request takes the same way.
  await asked();
  await untilKnownDown(/showed a host key that is not pinned \(SHA256:[A-Za-z0-9+/]+\): nothing was sent/);
  expectNothingSent(sshd);
  const { status, checks } = await apiAs("carol").must<Answer<"health">>(paths.health());
  expect(status).toBe("degraded");
  expect(checks["cluster hpc"]?.ok).toBe(false);
});

it("C7 a login node that signs with SHA-1 only is refused before anything is sent", async () => {
  const sshd = await putInTheMiddle({ keyType: "rsa", lines: ["HostKeyAlgorithms ssh-rsa"] });
  await asked();
  await untilKnownDown(
    /none of the pinned host keys with an accepted algorithm \(SHA-1 is refused\): nothing was sent/,
  );
  expectNothingSent(sshd);
});

it("C7 whatever is no SSH server at all is no login node", async () => {
  cleanUp.push(swapLoginNode({ host: "127.0.0.1", port: siteUnderTest().port }));
  await untilKnownDown(/broke off the handshake|closed the connection/);
});
