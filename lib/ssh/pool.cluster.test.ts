// Pooled connections to a real sshd, seen through a proxy that counts, cuts and freezes them.
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type FaultProxy, faultProxy } from "@/dev/fault-proxy";
import { processesWith } from "@/lib/clusters/reach-contract";
import type { Reach } from "@/lib/clusters/run";
import { clusterFacts, clusterSettings } from "./cluster-facts";
import { sshReach } from "./reach";
import type { SshReachInput } from "./schema";
import { startSshd } from "./sshd-for-tests";

const { logins, ca } = clusterFacts(process.env);
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function throughProxy(changes: Partial<SshReachInput> = {}): Promise<{ reach: Reach; proxy: FaultProxy }> {
  const proxy = await faultProxy(logins[0] ?? { host: "", port: 0 });
  closers.push(() => proxy.close());
  const hosts = [{ host: proxy.host, port: proxy.port }];
  const reach = sshReach(clusterSettings(process.env, { hosts, ...changes }));
  closers.push(() => reach.close());
  return { reach, proxy };
}

const echo = async (reach: Reach, word: string): Promise<string> =>
  Buffer.from((await reach.run(["echo", word], { user: "alice" })).stdout)
    .toString()
    .trim();

const token = (): string => `7${Math.floor(Math.random() * 1e9)}`;

describe("pooled connections", () => {
  it("carry thirty programs at once, few to a connection", async () => {
    const { reach, proxy } = await throughProxy();
    const words = Array.from({ length: 30 }, (_, index) => `word-${index}`);
    expect(await Promise.all(words.map((word) => echo(reach, word)))).toEqual(words);
    expect(proxy.accepted()).toBeLessThanOrEqual(4);
  });

  it("carry a hundred programs in a row on one connection", async () => {
    const { reach, proxy } = await throughProxy();
    for (let count = 0; count < 100; count++) expect(await echo(reach, `${count}`)).toBe(`${count}`);
    expect(proxy.accepted()).toBe(1);
  });

  it("make more than their limit of programs wait, and none fail", async () => {
    const { reach, proxy } = await throughProxy({ maxConnectionsPerUser: 1, maxChannelsPerConnection: 2 });
    const words = Array.from({ length: 12 }, (_, index) => `${index}`);
    expect(await Promise.all(words.map((word) => echo(reach, word)))).toEqual(words);
    expect(proxy.accepted()).toBe(1);
  });

  it("adapt to an sshd that allows fewer sessions than configured", async () => {
    const strict = await startSshd({ caFile: ca.publicKey, lines: ["MaxSessions 2"] });
    closers.push(() => strict.stop());
    const hosts = [{ host: strict.host, port: strict.port }];
    const reach = sshReach(clusterSettings(process.env, { hosts, hostKeys: [strict.hostKey] }));
    closers.push(() => reach.close());
    const words = Array.from({ length: 6 }, (_, index) => `${index}`);
    const slowEcho = (word: string) => reach.run(["sh", "-c", 'sleep 0.3; echo "$1"', "sh", word], { user: "alice" });
    const results = await Promise.all(words.map(slowEcho));
    expect(results.map(({ stdout }) => Buffer.from(stdout).toString().trim())).toEqual(words);
  });

  it("keep people apart", async () => {
    const { reach, proxy } = await throughProxy();
    await Promise.all(["alice", "bob", "alice", "bob"].map((user) => reach.run(["true"], { user })));
    expect(proxy.accepted()).toBe(2);
  });

  it("are closed when nobody has used them for a while", async () => {
    const { reach, proxy } = await throughProxy({ idleSeconds: 0.2 });
    await echo(reach, "once");
    await expect.poll(proxy.open, { timeout: 5000 }).toBe(0);
    expect(await echo(reach, "again")).toBe("again");
    expect(proxy.accepted()).toBe(2);
  });

  it("are all closed at the end, and then no more are opened", async () => {
    const { reach, proxy } = await throughProxy();
    await echo(reach, "once");
    await reach.close();
    await expect.poll(proxy.open, { timeout: 5000 }).toBe(0);
    await expect(echo(reach, "again")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("callers of every kind", () => {
  /** Each ends in its own way; what matters is what it leaves behind. */
  const CALLERS: ((reach: Reach) => Promise<unknown>)[] = [
    (reach) => reach.run(["true"], { user: "alice" }),
    (reach) => reach.run(["cat"], { user: "alice", stdin: Buffer.alloc(300_000) }),
    (reach) => reach.run(["sleep", "30"], { user: "alice", timeoutSeconds: 0.4 }),
    (reach) => reach.run(["yes"], { user: "alice", maxBytes: 100_000 }),
    // Gives up at once: in line for a connection, or while its channel opens.
    async (reach) => {
      const caller = new AbortController();
      const result = reach.run(["sleep", "30"], { user: "alice", signal: caller.signal });
      caller.abort();
      await result;
    },
    // Gives up when its program runs.
    async (reach) => {
      const started = join(tmpdir(), `berth-pool-${token()}`);
      const caller = new AbortController();
      const script = 'touch "$1"; exec sleep 30';
      const result = reach.run(["sh", "-c", script, "sh", started], { user: "alice", signal: caller.signal });
      result.catch(() => {});
      // A file rather than a look at all processes: so many callers looking would leave no time for the connections.
      await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true);
      rmSync(started);
      caller.abort();
      await result;
    },
    async (reach) => (await reach.runStream(["yes"], { user: "alice" })).stdout.destroy(),
    async (reach) => {
      const { stdout } = await reach.runStream(["yes"], { user: "alice" });
      await once(stdout, "data");
      stdout.destroy();
    },
    (reach) => reach.connect({ host: "127.0.0.1", port: 1 }, "alice"),
    async (reach) => {
      const stream = await reach.connect(logins[0] ?? { host: "", port: 0 }, "alice");
      // sshd greets first.
      await once(stream, "data");
      stream.on("error", () => {}).destroy();
    },
  ];

  it("leave no channel and no connection behind", async () => {
    const { reach, proxy } = await throughProxy({ idleSeconds: 0.3 });
    const callers = Array.from({ length: 160 }, (_, index) => CALLERS[index % CALLERS.length]);
    const settled = await Promise.allSettled(callers.map((caller) => caller?.(reach)));
    expect(settled.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(40);
    expect(proxy.accepted()).toBeGreaterThan(0);
    // A connection closes only once every channel of it was given back.
    await expect.poll(proxy.open, { timeout: 30_000, interval: 100 }).toBe(0);
    expect(await echo(reach, "still there")).toBe("still there");
  });
});

describe("a connection that breaks", () => {
  it("in the middle of a program is told as such, and the next program gets a new one", async () => {
    const { reach, proxy } = await throughProxy();
    const seconds = token();
    const running = reach.run(["sleep", seconds], { user: "alice" });
    running.catch(() => {});
    await expect.poll(() => processesWith(seconds), { timeout: 10_000 }).toBeGreaterThan(0);
    proxy.cut();
    await expect(running).rejects.toMatchObject({
      code: "cluster",
      message: "The connection was lost while sleep ran on 127.0.0.1 as alice",
    });
    expect(await echo(reach, "next")).toBe("next");
    // sshd leaves a program that does not write alone when its connection breaks.
    await reach.run(["pkill", "-f", `^sleep ${seconds}$`], { user: "alice" });
  });

  it("in the middle of a stream is an error, not an end", async () => {
    const { reach, proxy } = await throughProxy();
    const { stdout, exit } = await reach.runStream(["yes"], { user: "alice" });
    await new Promise((resolve) => stdout.once("data", resolve));
    const failed = new Promise<Error>((resolve) => stdout.once("error", resolve));
    proxy.cut();
    stdout.resume();
    expect(await failed).toMatchObject({ code: "cluster", message: expect.stringContaining("connection was lost") });
    await expect(exit).rejects.toMatchObject({ code: "cluster" });
  });

  it("while it was idle costs a new connection, not an error", async () => {
    const { reach, proxy } = await throughProxy();
    await echo(reach, "before");
    proxy.cut();
    expect(await echo(reach, "after")).toBe("after");
  });

  it("by going silent costs a few seconds, not an error", async () => {
    const { reach, proxy } = await throughProxy();
    await echo(reach, "before");
    proxy.freeze();
    expect(await echo(reach, "after")).toBe("after");
    expect(proxy.accepted()).toBe(2);
  });

  it("by going silent under its programs is noticed by keepalive", async () => {
    const { reach, proxy } = await throughProxy({ keepaliveSeconds: 0.2 });
    const tokens = [token(), token()];
    const running = tokens.map((seconds) => reach.run(["sleep", seconds], { user: "alice" }));
    const settled = Promise.allSettled(running);
    const started = () => tokens.every((seconds) => processesWith(seconds) > 0);
    await expect.poll(started, { timeout: 10_000 }).toBe(true);
    proxy.freeze();
    const lost = { reason: { message: expect.stringContaining("connection was lost") } };
    expect(await settled).toMatchObject([lost, lost]);
    await reach.run(["pkill", "-f", `^sleep (${tokens.join("|")})$`], { user: "alice" });
  });
});
