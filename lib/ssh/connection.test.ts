import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import ssh2 from "ssh2";
import { afterEach, describe, expect, it } from "vitest";
import { signCertificate } from "./certificate";
import { type DialSettings, dial, HungUp, NodeFailure } from "./connection";
import { pinnedKeys } from "./host-key";
import { lineOfBlob, publicKeyBlob } from "./public-key";

const privateKey = generateKeyPairSync("ed25519").privateKey;
const claims = {
  principal: "alice",
  keyId: "test",
  serial: 1n,
  validAfterAt: new Date(0),
  validBeforeAt: new Date(8.64e12),
  sourceAddress: [],
  extensions: [],
};
const identity = { privateKey, certificate: signCertificate(privateKey, claims, privateKey) };
const settings: DialSettings = {
  connectTimeoutSeconds: 2,
  handshakeTimeoutSeconds: 1,
  keepaliveSeconds: 15,
  pinned: pinnedKeys([lineOfBlob(publicKeyBlob(privateKey))]),
};

let server: Server | undefined;
afterEach(() => server?.close());

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => onSocket(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

const dialPort = (port: number) => dial({ host: "127.0.0.1", port }, { user: "alice", identity, settings });

const nodeFault = async (dialling: Promise<unknown>) => {
  const error = await dialling.then(
    () => null,
    (failure: unknown) => failure,
  );
  if (!(error instanceof NodeFailure)) throw new Error(`not the node's fault: ${error}`);
  return error.fault;
};

describe("dialling a login node", () => {
  it("gives up on one that accepts and stays silent, and hangs up", async () => {
    const hungUp = Promise.withResolvers<void>();
    const port = await listen((socket) => socket.resume().once("close", () => hungUp.resolve()));
    expect(await nodeFault(dialPort(port))).toMatchObject({
      code: "cluster_timeout",
      message: `Login node 127.0.0.1:${port} accepted the connection but did not finish the handshake within 1 s`,
    });
    await hungUp.promise;
  });

  it("gives up on one that talks for ever without saying anything", async () => {
    const port = await listen((socket) => {
      const timer = setInterval(() => socket.write("not ssh yet\r\n"), 50);
      socket.once("close", () => clearInterval(timer));
    });
    expect(await nodeFault(dialPort(port))).toMatchObject({ code: "cluster_timeout" });
  });

  it("tells a closed port from one that hangs up", async () => {
    const port = await listen((socket) => socket.destroy());
    expect(await nodeFault(dialPort(port))).toMatchObject({
      code: "cluster",
      message: expect.stringContaining("broke off"),
    });
    server?.close();
    expect(await nodeFault(dialPort(port))).toMatchObject({
      code: "cluster",
      message: `Login node 127.0.0.1:${port} cannot be reached`,
      words: expect.stringContaining("ECONNREFUSED"),
    });
  });

  type Asked = { attempt: ssh2.AuthContext; socket: Socket };

  /** Dials an SSH server that does `answer` when alice logs in. */
  async function logIn(answer: (asked: Asked) => void) {
    const key = ssh2.utils.generateKeyPairSync("ed25519");
    const port = await listen((socket) => {
      const sshd = new ssh2.Server({ hostKeys: [key.private] }, (client) =>
        client.on("error", () => {}).on("authentication", (attempt) => answer({ attempt, socket })),
      );
      sshd.injectSocket(socket);
    });
    const pinned = pinnedKeys([key.public]);
    return dial({ host: "127.0.0.1", port }, { user: "alice", identity, settings: { ...settings, pinned } });
  }

  /** Says that the certificate would do, and does `answer` once it is signed with. */
  const onceSigned =
    (answer: (asked: Asked) => void) =>
    (asked: Asked): void => {
      const { attempt } = asked;
      if (attempt.method === "publickey" && attempt.signature) answer(asked);
      else attempt.accept();
    };

  it("tells a refused account from a node at fault", async () => {
    const dialling = logIn(({ attempt }) => attempt.reject());
    await expect(dialling).rejects.toMatchObject({ code: "cluster", accountRefused: true });
  });

  it("tells an account that PAM does not admit, where sshd closes instead of an answer", async () => {
    const error = await logIn(onceSigned(({ socket }) => socket.end())).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(HungUp);
    const message = expect.stringContaining("closed the connection when alice logged in: the account is expired");
    expect(error).toMatchObject({ code: "cluster", accountRefused: true, message });
  });

  it("takes one that ends before the certificate is signed with, is cut, or falls silent then for a node at fault", async () => {
    expect(await nodeFault(logIn(({ socket }) => socket.end()))).toMatchObject({ code: "cluster" });
    expect(await nodeFault(logIn(onceSigned(({ socket }) => void socket.resetAndDestroy())))).toMatchObject({
      code: "cluster",
    });
    expect(await nodeFault(logIn(onceSigned(() => {})))).toMatchObject({ code: "cluster_timeout" });
  });

  it("does not talk to a server that is not SSH", async () => {
    const port = await listen((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect((await nodeFault(dialPort(port))).message).toContain("handshake");
  });
});
