// TCP through a login node, against a real sshd and real servers on this machine.
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type FaultProxy, faultProxy } from "@/dev/fault-proxy";
import type { Reach } from "@/lib/clusters/run";
import { clusterFacts, clusterSettings } from "./cluster-facts";
import { sshReach } from "./reach";
import type { SshReachInput } from "./schema";
import { startSshd } from "./sshd-for-tests";

const { logins, ca } = clusterFacts(process.env);
const closers: (() => unknown)[] = [];
const MEBIBYTE = 1024 * 1024;
const waits = { timeout: 15_000, interval: 50 };

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

/** An app on a compute node; these run on loopback of this machine. */
async function app(onSocket: (socket: Socket) => void): Promise<{ host: string; port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => onSocket(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const address = server.address();
  return { host: "127.0.0.1", port: typeof address === "object" && address ? address.port : 0, server };
}

/** `for await` would destroy a stream at its end, also the half that is still writing. */
function allOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
    stream.once("end", () => resolve(Buffer.concat(chunks)));
  });
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The value of `read` once it has stopped growing. */
async function settled(read: () => number): Promise<number> {
  const seen: number[] = [];
  await expect
    .poll(() => seen.push(read()) > 2 && seen.at(-1) === seen.at(-2), { timeout: 15_000, interval: 300 })
    .toBe(true);
  return read();
}

describe.each(["tunnel", "direct"] as const)("an app reached by %s", (apps) => {
  it("gets what is sent and may answer after our end", async () => {
    const target = await app((socket) => void allOf(socket).then((question) => socket.end(`got ${question}`)));
    const { reach } = await throughProxy({ apps });
    const stream = await reach.connect(target, "alice");
    stream.end("a question");
    expect((await allOf(stream)).toString()).toBe("got a question");
  });

  it("may end its side first and still hear us", async () => {
    const heard = Promise.withResolvers<string>();
    const target = await app((socket) => {
      socket.end("goodbye");
      heard.resolve(allOf(socket).then(String));
    });
    const { reach } = await throughProxy({ apps });
    const stream = await reach.connect(target, "alice");
    expect((await allOf(stream)).toString()).toBe("goodbye");
    stream.end("wait, one more thing");
    expect(await heard.promise).toBe("wait, one more thing");
  });

  it("exchanges 32 MiB both ways unchanged", async () => {
    const target = await app((socket) => socket.pipe(socket));
    const { reach } = await throughProxy({ apps });
    const stream = await reach.connect(target, "alice");
    const bytes = randomBytes(32 * MEBIBYTE);
    const answer = allOf(stream);
    await pipeline(Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]), stream, { end: true });
    expect(sha256(await answer)).toBe(sha256(bytes));
  });

  it("is held back when we do not read, and holds us back when it does not", async () => {
    let sent = 0;
    const target = await app((socket) => {
      const fill = () => {
        while (socket.writable && socket.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      socket.on("drain", fill).pause();
      fill();
    });
    const { reach } = await throughProxy({ apps });
    const stream = await reach.connect(target, "alice");
    expect(await settled(() => sent)).toBeLessThan(24 * MEBIBYTE);
    let written = 0;
    const write = () => {
      stream.write(Buffer.alloc(65_536), (error) => {
        if (error) return;
        written += 65_536;
        write();
      });
    };
    write();
    expect(await settled(() => written)).toBeLessThan(24 * MEBIBYTE);
    expect(stream.writableLength).toBeLessThan(MEBIBYTE);
    stream.destroy();
  });

  it("learns when we are gone", async () => {
    const closed = Promise.withResolvers<void>();
    const target = await app((socket) =>
      socket
        .resume()
        .once("close", () => closed.resolve())
        .once("end", () => socket.end()),
    );
    const { reach } = await throughProxy({ apps });
    const stream = await reach.connect(target, "alice");
    stream.destroy();
    await closed.promise;
  });

  it("that does not listen is told from one that does", async () => {
    const { reach } = await throughProxy({ apps });
    await expect(reach.connect({ host: "127.0.0.1", port: 1 }, "alice")).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringContaining("127.0.0.1:1 cannot be reached"),
      words: expect.stringMatching(/refused|failed/i),
    });
  });

  it.each([
    ["-oProxyCommand=id", 80],
    ["a b", 80],
    ["127.0.0.1", 0],
    ["127.0.0.1", 65_536],
    ["127.0.0.1", 1.5],
  ])("is never looked for at %s:%s", async (host, port) => {
    const { reach, proxy } = await throughProxy({ apps });
    await expect(reach.connect({ host, port }, "alice")).rejects.toMatchObject({ code: "invalid" });
    expect(proxy.accepted()).toBe(0);
  });
});

describe("tunnels", () => {
  it("share connections of their own, and leave those for commands alone", async () => {
    const target = await app((socket) => socket.pipe(socket));
    const { reach, proxy } = await throughProxy();
    const streams = await Promise.all(Array.from({ length: 150 }, () => reach.connect(target, "alice")));
    expect(proxy.accepted()).toBe(2);
    const { code } = await reach.run(["true"], { user: "alice" });
    expect(code).toBe(0);
    expect(proxy.accepted()).toBe(3);
    for (const stream of streams) stream.destroy();
  });

  it("do not lose room to apps that do not listen", async () => {
    const target = await app((socket) => socket.pipe(socket));
    const { reach, proxy } = await throughProxy();
    const dead = { host: "127.0.0.1", port: 1 };
    const tries = Array.from({ length: 30 }, () => reach.connect(dead, "alice"));
    expect((await Promise.allSettled(tries)).every(({ status }) => status === "rejected")).toBe(true);
    const streams = await Promise.all(Array.from({ length: 20 }, () => reach.connect(target, "alice")));
    expect(proxy.accepted()).toBe(1);
    for (const stream of streams) stream.destroy();
  });

  it("that are cut end with an error, not as if the app had finished", async () => {
    const target = await app((socket) => socket.write("half an ans"));
    const { reach, proxy } = await throughProxy();
    const stream = await reach.connect(target, "alice");
    await new Promise((resolve) => stream.once("data", resolve));
    const failed = new Promise<Error>((resolve) => stream.once("error", resolve));
    proxy.cut();
    expect(await failed).toMatchObject({ code: "cluster", message: expect.stringContaining("broke off") });
  });

  // What is read goes to AES-GCM in memory that is read into again, and to the others in memory of its own.
  it.each(["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "chacha20-poly1305@openssh.com"])(
    "carry bytes unchanged with %s, also when keys change under way",
    async (cipher) => {
      const sshd = await startSshd({ caFile: ca.publicKey, lines: [`Ciphers ${cipher}`, "RekeyLimit 4M"] });
      closers.push(() => sshd.stop());
      const hosts = [{ host: sshd.host, port: sshd.port }];
      const reach = sshReach(clusterSettings(process.env, { hosts, hostKeys: [sshd.hostKey] }));
      closers.push(() => reach.close());
      const target = await app((socket) => socket.pipe(socket));
      const carry = async () => {
        const stream = await reach.connect(target, "alice");
        const bytes = randomBytes(12 * MEBIBYTE);
        const answer = allOf(stream);
        stream.end(bytes);
        return sha256(await answer) === sha256(bytes);
      };
      expect(await Promise.all([carry(), carry(), carry()])).toEqual([true, true, true]);
      expect(sshd.log().match(/rekey/gi)?.length).toBeGreaterThan(3);
    },
  );

  it("of an sshd that does not forward are refused with a sentence that says so", async () => {
    const strict = await startSshd({ caFile: ca.publicKey, lines: ["AllowTcpForwarding no"] });
    closers.push(() => strict.stop());
    const hosts = [{ host: strict.host, port: strict.port }];
    const reach = sshReach(clusterSettings(process.env, { hosts, hostKeys: [strict.hostKey] }));
    closers.push(() => reach.close());
    await expect(reach.connect(strict, "alice")).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringContaining("does not forward connections (AllowTcpForwarding)"),
    });
  });

  it("end what they carry when nobody wants it any more, and make room again", async () => {
    const sockets = new Set<Socket>();
    const target = await app((socket) => {
      sockets.add(socket);
      socket
        .resume()
        .once("close", () => sockets.delete(socket))
        .once("end", () => socket.end());
    });
    const { reach } = await throughProxy();
    for (let round = 0; round < 3; round++) {
      const streams = await Promise.all(Array.from({ length: 100 }, () => reach.connect(target, "alice")));
      for (const stream of streams) stream.destroy();
      await expect.poll(() => sockets.size, waits).toBe(0);
    }
  });
});
