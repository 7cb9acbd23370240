// Who may log in where: against an sshd of each test, whose log tells what was tried.
import { execFileSync, spawn } from "node:child_process";
import { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { faultProxy } from "@/dev/fault-proxy";
import type { Reach } from "@/lib/clusters/run";
import { metrics } from "@/lib/metrics";
import { newIdentity } from "./certificate-authority";
import { clusterFacts } from "./cluster-facts";
import { dial } from "./connection";
import { pinnedKeys } from "./host-key";
import { type SshReachOptions, sshReach } from "./reach";
import { type SshReachInput, sshReachSchema } from "./schema";
import { startSshd, type TestSshd } from "./sshd-for-tests";

const { ca } = clusterFacts(process.env);
const closers: (() => unknown)[] = [];
const minutes = (count: number) => count * 60_000;

let dir: string;
let sshd: TestSshd;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "reach-test-"));
  sshd = await startSshd({ caFile: ca.publicKey });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await sshd.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function ownSshd(settings: Omit<Parameters<typeof startSshd>[0], "caFile">): Promise<TestSshd> {
  const own = await startSshd({ caFile: ca.publicKey, ...settings });
  closers.push(() => own.stop());
  return own;
}

function reachOf(
  at: Pick<TestSshd, "host" | "port">,
  changes: Partial<SshReachInput> = {},
  options?: SshReachOptions,
): Reach {
  const hosts = [{ host: at.host, port: at.port }];
  const config = sshReachSchema.parse({ hosts, hostKeys: [sshd.hostKey], ca: { keyFile: ca.privateKey }, ...changes });
  const reach = sshReach(config, options);
  closers.push(() => reach.close());
  return reach;
}

const who = async (reach: Reach, user = "alice", login?: string): Promise<string> => {
  const { stdout } = await reach.run(["id", "-un"], { user, login });
  return Buffer.from(stdout).toString().trim();
};

/** As alice, with a certificate for `user` that allows nothing but commands. */
async function dialAsAlice(user: string) {
  const request = { user, keyId: "test", sourceAddress: [], extensions: [], now: new Date() };
  const identity = await newIdentity({ keyFile: ca.privateKey }, request);
  const pinned = pinnedKeys([sshd.hostKey]);
  const settings = { connectTimeoutSeconds: 3, handshakeTimeoutSeconds: 10, keepaliveSeconds: 15, pinned };
  return dial({ host: sshd.host, port: sshd.port }, { user: "alice", identity, settings });
}

const untrusted = {
  code: "cluster",
  message: expect.stringMatching(/refused alice: certificate not trusted, or clocks differ; see docs\/operations.md$/),
};

describe("the host key", () => {
  it("is checked before anything about the person is sent", async () => {
    const impostor = await ownSshd({});
    await expect(who(reachOf(impostor))).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringMatching(/showed a host key that is not pinned \(SHA256:.*\): nothing was sent/),
    });
    await expect.poll(impostor.log).toContain("Connection from 127.0.0.1");
    expect(impostor.log()).not.toContain("userauth-request");
    expect(impostor.log()).not.toContain("alice");
    // The same log does tell of an attempt where there is one.
    expect(await who(reachOf(impostor, { hostKeys: [impostor.hostKey] }))).toBe("alice");
    expect(impostor.log()).toContain("userauth-request for user alice");
  });

  it("is not trusted with a SHA-1 signature, even when it is pinned", async () => {
    const old = await ownSshd({ keyType: "rsa", lines: ["HostKeyAlgorithms ssh-rsa"] });
    await expect(who(reachOf(old, { hostKeys: [old.hostKey] }))).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringContaining("SHA-1 is refused"),
    });
    expect(old.log()).not.toContain("userauth-request");
  });

  it("of type RSA is trusted with a SHA-2 signature", async () => {
    const rsa = await ownSshd({ keyType: "rsa" });
    expect(await who(reachOf(rsa, { hostKeys: [rsa.hostKey] }))).toBe("alice");
  });

  it("may be any of the pinned ones", async () => {
    const other = await ownSshd({ keyType: "rsa" });
    expect(await who(reachOf(sshd, { hostKeys: [other.hostKey, sshd.hostKey] }))).toBe("alice");
  });
});

describe("the certificate", () => {
  it("names cluster, account, purpose and login in sshd's log", async () => {
    await who(reachOf(sshd, {}, { cluster: "hexa" }), "alice", "login-4711");
    expect(sshd.log()).toMatch(
      /Accepted publickey for alice .* ID berth cluster=hexa user=alice for=commands login=login-4711 \(serial \d+\) CA ED25519/,
    );
  });

  it("of a connection that two logins want is two certificates, one for each", async () => {
    const reach = reachOf(sshd, {}, { cluster: "two" });
    for (const login of ["one", "two", "one", undefined]) await who(reach, "alice", login);
    const named = [...sshd.log().matchAll(/^Accepted publickey .* ID berth cluster=two .* login=(\S+) \(serial/gm)];
    expect(named.map(([, login]) => login)).toEqual(["one", "two", "system"]);
  });

  it("that is taken or refused is counted", async () => {
    const reach = reachOf(sshd, {}, { cluster: "counted" });
    await who(reach);
    await expect(reach.run(["true"], { user: "nobody-there" })).rejects.toThrow();
    const counts = () => metrics().registry.metrics();
    expect(await counts()).toContain('berth_ssh_logins_total{cluster="counted",outcome="opened"} 1');
    expect(await counts()).toContain('berth_ssh_logins_total{cluster="counted",outcome="failed"} 1');
    expect(await counts()).toContain('berth_ssh_connections{cluster="counted"} 1');
    await reach.close();
    await expect.poll(counts).toContain('berth_ssh_connections{cluster="counted"} 0');
  });

  it("of a tunnel names the login that opens it", async () => {
    const target = { host: sshd.host, port: sshd.port };
    const stream = await reachOf(sshd, {}, { cluster: "three" }).connect(target, "alice", "token:t-1");
    stream.destroy();
    expect(sshd.log()).toMatch(/ID berth cluster=three user=alice for=tunnel login=token:t-1 \(serial/);
  });

  it.each([
    ["ecdsa", ["-b", "256"]],
    ["rsa", ["-b", "3072"]],
  ])("of an %s authority is accepted", async (type, options) => {
    const keyFile = join(dir, `ca-${type}`);
    execFileSync("ssh-keygen", ["-q", "-N", "", "-t", type, ...options, "-f", keyFile]);
    const own = await startSshd({ caFile: `${keyFile}.pub` });
    closers.push(() => own.stop());
    expect(await who(reachOf(own, { hostKeys: [own.hostKey], ca: { keyFile } }))).toBe("alice");
  });

  it("of a foreign authority is refused, with a sentence that says so", async () => {
    const keyFile = join(dir, "foreign");
    execFileSync("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", keyFile]);
    await expect(who(reachOf(sshd, { ca: { keyFile } }))).rejects.toMatchObject(untrusted);
  });

  it.each([
    ["ten minutes behind", -10, false],
    ["four minutes behind", -4, true],
    ["half a minute ahead", 0.5, true],
    ["ten minutes ahead", 10, false],
  ])("of a portal whose clock is %s is judged by sshd's own clock", async (_clock, offset, isAccepted) => {
    const answer = who(reachOf(sshd, {}, { now: () => new Date(Date.now() + minutes(offset)) }));
    if (isAccepted) expect(await answer).toBe("alice");
    else await expect(answer).rejects.toMatchObject(untrusted);
  });

  it("is good only from the configured addresses", async () => {
    await expect(who(reachOf(sshd, { sourceAddress: ["192.0.2.0/24"] }))).rejects.toMatchObject(untrusted);
    expect(await who(reachOf(sshd, { sourceAddress: ["192.0.2.0/24", "127.0.0.0/8"] }))).toBe("alice");
  });

  it("is good for one account only", async () => {
    await expect(dialAsAlice("bob")).rejects.toMatchObject(untrusted);
  });

  it("is used with keys that are prepared once, not for each packet", async () => {
    const connection = await dialAsAlice("alice");
    closers.push(() => connection.close());
    const { _cipher, _decipher } = Reflect.get(connection.client, "_protocol");
    expect([_cipher._encKey, _decipher._decipherKey]).toEqual([expect.any(KeyObject), expect.any(KeyObject)]);
  });

  it("for commands allows no terminal and no forwarding", async () => {
    const connection = await dialAsAlice("alice");
    closers.push(() => connection.close());
    const { client } = connection;
    const forward = new Promise((_resolve, reject) =>
      client.forwardOut("127.0.0.1", 0, "127.0.0.1", sshd.port, reject),
    );
    await expect(forward).rejects.toThrow(/prohibited|open failed/);
    const shell = new Promise((_resolve, reject) => client.shell({}, reject));
    await expect(shell).rejects.toThrow("pseudo-terminal");
  });
});

describe("the signer", () => {
  it("being down leaves pooled connections alone; a new one gets a clear answer and no other way in", async () => {
    const script = join(dir, "signer.sh");
    const works = `
sed 's/.*"publicKey":"\\([^"]*\\)".*/\\1/' > '${dir}/k.pub'
rm -f '${dir}/k-cert.pub'
ssh-keygen -q -s '${ca.privateKey}' -I outside -n alice -V -1m:+5m '${dir}/k.pub'
cat '${dir}/k-cert.pub'`;
    writeFileSync(script, works);
    const reach = reachOf(sshd, { ca: { command: ["/bin/sh", script] } });
    expect(await who(reach)).toBe("alice");
    writeFileSync(script, "exit 1");
    expect(await who(reach)).toBe("alice");
    const before = sshd.log().length;
    await expect(who(reach, "bob")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("signer"),
    });
    expect(sshd.log().slice(before)).not.toContain("userauth-request for user bob");
  });
});

describe("several login nodes", () => {
  async function silentServer(): Promise<{ host: string; port: number; server: Server }> {
    const server = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
    const address = server.address();
    return { host: "127.0.0.1", port: typeof address === "object" && address ? address.port : 0, server };
  }

  it("fail over from a closed port within five seconds, and stay on the one that works", async () => {
    const proxy = await faultProxy(sshd);
    closers.push(() => proxy.close());
    const other = await faultProxy(sshd);
    closers.push(() => other.close());
    const reach = reachOf(proxy, { hosts: [proxy, other].map(({ host, port }) => ({ host, port })) });
    expect(await who(reach)).toBe("alice");
    expect([proxy.accepted(), other.accepted()]).toEqual([1, 0]);
    await proxy.close();
    const startedAt = performance.now();
    expect(await who(reach)).toBe("alice");
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(await who(reach, "bob")).toBe("bob");
    expect([proxy.accepted(), other.accepted()]).toEqual([1, 2]);
  });

  it("fail over from one that accepts and stays silent", async () => {
    const { host, port } = await silentServer();
    const hosts = [
      { host, port },
      { host: sshd.host, port: sshd.port },
    ];
    expect(await who(reachOf(sshd, { hosts, handshakeTimeoutSeconds: 1 }))).toBe("alice");
  });

  it("fail over within five seconds from one that does not answer at all", async () => {
    // A listener that accepts nobody: once its queue is full, the kernel drops what comes.
    const script =
      "import socket,sys\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen(0);print(s.getsockname()[1],flush=True)\nsys.stdin.read()";
    const deaf = spawn("python3", ["-c", script]);
    closers.push(() => deaf.kill());
    const port = Number(await new Promise((resolve) => deaf.stdout.once("data", resolve)));
    const queue = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    closers.push(() => queue.forEach((socket) => void socket.destroy()));
    const hosts = [
      { host: "127.0.0.1", port },
      { host: sshd.host, port: sshd.port },
    ];
    const startedAt = performance.now();
    expect(await who(reachOf(sshd, { hosts }))).toBe("alice");
    expect(performance.now() - startedAt).toBeGreaterThan(1500);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it("fail over from one with a wrong host key", async () => {
    const impostor = await ownSshd({});
    const hosts = [impostor, sshd].map(({ host, port }) => ({ host, port }));
    expect(await who(reachOf(sshd, { hosts }))).toBe("alice");
    expect(impostor.log()).not.toContain("userauth-request");
  });

  it("that are down cost a hundred callers one attempt, not a hundred", async () => {
    const target = await silentServer();
    const proxy = await faultProxy(target);
    closers.push(() => proxy.close());
    target.server.on("connection", (socket) => socket.destroy());
    const reach = reachOf(proxy);
    const users = Array.from({ length: 100 }, (_, index) => `user${index}`);
    for (const user of users) await expect(who(reach, user)).rejects.toMatchObject({ code: "cluster" });
    expect(proxy.accepted()).toBeLessThanOrEqual(2);
  });
});
