// The whole way with a real database and a real app: ticket, way in, cookie, proxied request, cut.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { useDatabase } from "@/dev/test-database";
import { playDoor } from "@/dev/test-door";
import { exchange, listening, rawApp } from "@/dev/test-gateway";
import { useConfig } from "@/dev/test-portal";
import type { PersonActor } from "@/lib/actor";
import { endLogin } from "@/lib/auth/end-login";
import { insertLogin } from "@/lib/auth/store";
import { db, notify, transaction } from "@/lib/db";
import { makeFront } from "@/lib/gateway/front";
import { issueTicket } from "@/lib/gateway/issue-ticket";
import { startGateway } from "@/lib/gateway/portal-gateway";
import { probeApp, verdictOn } from "@/lib/gateway/probe-app";
import { seal } from "@/lib/seal";
import { newSessionId } from "@/lib/sessions/new-id";

useDatabase();

const here = { name: "here", scheduler: "local", account: { from: "process" }, nodeNetworks: ["127.0.0.0/8"] };
const hosts = { url: "http://portal.test", appsHosts: "*.apps.test" };
useConfig({ ...hosts, clusters: [here] });

async function signIn(): Promise<PersonActor> {
  const userId = randomUUID();
  await db().user.create({ data: { id: userId, issuer: "test", subject: userId, name: "n", roles: [], groups: [] } });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const login = await insertLogin(db(), { userId, expiresAt, idTokenSealed: null, userAgent: null });
  return { kind: "user", userId, name: "n", roles: [], groups: [], via: login.id, scopes: [] };
}

async function insertSession(actor: PersonActor, port: number, more: object = {}): Promise<string> {
  const id = newSessionId();
  await db().session.create({
    data: {
      id,
      ownerId: actor.userId,
      idempotencyKey: id,
      requestHash: "h",
      name: "Folder",
      template: "web-folder",
      templateVersion: "1",
      cluster: "here",
      unixAccount: "u",
      request: {},
      nodes: 1,
      cpus: 1,
      memoryGiB: 1,
      gpus: 0,
      state: "ready",
      nodeAddress: "127.0.0.1",
      port,
      connectionId: "1",
      secretSealed: seal("s3cret", "session-secret"),
      ...more,
    },
  });
  return id;
}

/** A plain server behind a door. */
async function startApp(): Promise<number> {
  const app = createServer((_request, response) => response.end("the folder"));
  new WebSocketServer({ server: app }).on("connection", (socket) => socket.send("hello"));
  return rawApp((socket) => playDoor(socket, "s3cret", () => app.emit("connection", socket)));
}

async function start() {
  const { gateway, stop } = await startGateway();
  const policy = { ...hosts, issuer: "http://id.test", production: true, trustedProxies: [] };
  const onError = (error: unknown) => {
    throw error;
  };
  const server = makeFront({ policy, gateway, pages: null, terminals: null, devSocket: null, onError });
  onTestFinished(stop);
  return listening(server);
}

const get = (port: number, host: string, path: string, cookie = "") =>
  exchange(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`);

async function open(port: number, actor: PersonActor, id: string): Promise<{ host: string; cookie: string }> {
  const url = new URL((await issueTicket(actor, id)).url);
  const answer = await get(port, url.host, `${url.pathname}${url.search}`);
  return { host: url.host, cookie: /^Set-Cookie: ([^;]*)/m.exec(answer)?.[1] ?? "" };
}

describe("a session's app", () => {
  it("opens with a ticket, and closes with the session", async () => {
    const port = await start();
    const alice = await signIn();
    const id = await insertSession(alice, await startApp());
    const { host, cookie } = await open(port, alice, id);
    expect(await get(port, host, "/", cookie)).toContain("the folder");
    await expect.poll(async () => (await db().session.findUnique({ where: { id } }))?.lastActivityAt).not.toBeNull();
    await transaction(async (tx) => {
      await tx.session.update({
        where: { id },
        data: { state: "ended", endDetail: "You stopped it.", secretSealed: null },
      });
      await notify(tx, { kind: "session", id, ownerId: alice.userId });
    });
    await expect.poll(() => get(port, host, "/", cookie)).toContain("410 Gone");
    await expect(issueTicket(alice, id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is cut off within five seconds of the login's end, WebSockets too", async () => {
    const port = await start();
    const alice = await signIn();
    const id = await insertSession(alice, await startApp());
    const { host, cookie } = await open(port, alice, id);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
      headers: { Host: host, Cookie: cookie },
      origin: `http://${host}`,
    });
    await once(socket, "message");
    const closed = once(socket, "close");
    const endedAt = performance.now();
    await endLogin(alice.via, "signed-out");
    await closed;
    expect(performance.now() - endedAt).toBeLessThan(5_000);
    expect(await get(port, host, "/", cookie)).toContain("401 Unauthorized");
  });

  it("gets no ticket for anybody else: the same as for one that never was", async () => {
    const [alice, bob] = [await signIn(), await signIn()];
    const id = await insertSession(alice, 1024);
    const refusals = await Promise.allSettled([issueTicket(bob, id), issueTicket(bob, newSessionId())]);
    expect(refusals).toMatchObject([
      { status: "rejected", reason: { code: "not_found" } },
      { status: "rejected", reason: { code: "not_found" } },
    ]);
  });

  it("is not looked for outside the cluster's networks, wherever a row points (D4)", async () => {
    const port = await start();
    const alice = await signIn();
    const inside = await startApp();
    for (const target of [{ nodeAddress: "::1" }, { nodeAddress: "169.254.169.254" }, { port: 22 }]) {
      const { host, cookie } = await open(port, alice, await insertSession(alice, inside, target));
      expect(await get(port, host, "/", cookie)).toContain("502 Bad Gateway");
    }
  });
});

describe("the health probe", () => {
  const manifest = {
    auth: "app",
    secretHeader: { name: "X-Key", value: "{secret}" },
    health: { path: "/up", timeoutSeconds: 60 },
  } as const;
  const probe = (port: number, secret = "right") =>
    probeApp({ cluster: "here", unixAccount: "u", address: "127.0.0.1", port, manifest, secret });

  it("tells an app that knows us from a stranger's", async () => {
    const port = await listening(
      createServer((request, response) =>
        response.writeHead(request.url === "/up" && request.headers["x-key"] === "right" ? 200 : 403).end(),
      ),
    );
    expect(await probe(port)).toBe("answering");
    expect(await probe(port, "wrong")).toBe("refused");
  });

  it("calls silent what is not there, says nothing, or speaks no HTTP", async () => {
    const gone = await rawApp(() => {});
    const nonsense = await rawApp((socket) => socket.end("SSH-2.0-x\r\n"));
    expect(await probe(1024)).toBe("silent");
    expect(await probe(nonsense)).toBe("silent");
    const startedAt = performance.now();
    expect(await probe(gone)).toBe("silent");
    expect(performance.now() - startedAt).toBeGreaterThan(2_500);
  });

  it.each([
    [200, "answering"],
    [302, "answering"],
    [404, "answering"],
    [401, "refused"],
    [403, "refused"],
    [500, "silent"],
    [503, "silent"],
  ])("reads %i as %s", (status, verdict) => {
    expect(verdictOn(status)).toBe(verdict);
  });
});
