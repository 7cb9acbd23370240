// What the certificate of a terminal is good for, as sshd sees it: its own log of what it permits, and its refusals.
import { expect, it } from "vitest";
import { siteUnderTest } from "@/e2e/attacks/site";
import { newIdentity } from "@/lib/ssh/certificate-authority";
import { dial } from "@/lib/ssh/connection";
import { pinnedKeys } from "@/lib/ssh/host-key";
import { sshReach } from "@/lib/ssh/reach";
import { sshReachSchema } from "@/lib/ssh/schema";
import { startSshd } from "@/lib/ssh/sshd-for-tests";

const { clusterDir } = siteUnderTest();

it("C8 permits a terminal and nothing else: sshd itself says so, and refuses to forward with it", async () => {
  const sshd = await startSshd({ caFile: `${clusterDir}/ca.pub`, lines: ["AllowTcpForwarding yes"] });
  const ca = { keyFile: `${clusterDir}/ca` };
  const hosts = [{ host: sshd.host, port: sshd.port }];
  const config = sshReachSchema.parse({ hosts, hostKeys: [sshd.hostKey], ca });
  const reach = sshReach(config, { cluster: "c8" });
  try {
    const terminal = await reach.terminal({ user: "alice", cols: 80, rows: 24 });
    terminal.hangUp();
    expect(sshd.log()).toMatch(/Accepted publickey for alice .*for=terminal/);
    const options = [...sshd.log().matchAll(/key options:(.*)/g)].map(([, words]) => words?.trim());
    expect(options.length).toBeGreaterThan(0);
    for (const words of options) expect(words).not.toMatch(/forwarding|user-rc|agent/);
    expect(options.join()).toContain("pty");

    // The same certificate, in the hands of somebody who wants more of it.
    const [extensions, keyId] = [["permit-pty" as const], "c8"];
    const request = { user: "alice", keyId, sourceAddress: [], extensions, now: new Date() };
    const settings = { ...config, pinned: pinnedKeys(config.hostKeys) };
    const [node] = config.hosts;
    if (!node) throw new Error("There is no node.");
    const identity = await newIdentity(ca, request);
    const { client, close } = await dial(node, { user: "alice", identity, settings });
    const refusals = await Promise.all([
      new Promise((done) => client.forwardOut("127.0.0.1", 1, "127.0.0.1", sshd.port, (error) => done(error?.message))),
      new Promise((done) => client.forwardIn("127.0.0.1", 0, (error) => done(error?.message))),
      new Promise((done) =>
        client.openssh_forwardOutStreamLocal("/run/munge/munge.socket.2", (error) => done(error?.message)),
      ),
    ]);
    for (const words of refusals) expect(String(words)).toMatch(/fail|prohibited|refused|Unable/i);
    close();

    const early = { ...request, now: new Date(Date.now() - 3_600_000) };
    for (const [user, given] of [
      ["bob", identity],
      ["root", identity],
      ["alice", await newIdentity(ca, early)],
    ] as const) {
      await expect(dial(node, { user, identity: given, settings })).rejects.toThrow(/refused/);
    }
  } finally {
    await reach.close();
    await sshd.stop();
  }
});
