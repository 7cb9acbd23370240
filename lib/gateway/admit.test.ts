import { describe, expect, it, onTestFinished } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import {
  alice,
  ask,
  bob,
  change,
  cookieFor,
  exchange,
  headerOf,
  hostOf,
  sessionOfAlice,
  sessionOfBob,
  startFront,
  statusOf,
} from "@/dev/test-gateway";

const app = (_request: unknown, response: { end: (text: string) => void }) => response.end("the app");

describe("an app's origin", () => {
  it("opens with the owner's cookie", async () => {
    const front = await startFront(app);
    expect(await ask(front, { cookie: cookieFor(front, sessionOfAlice, alice) })).toContain("the app");
    expect(front.activity).toEqual([sessionOfAlice]);
  });

  it("does not open without, and leads back to the portal", async () => {
    const front = await startFront(app);
    const answer = await ask(front, {});
    expect(statusOf(answer)).toBe(401);
    expect(answer).toContain(`href="http://portal.test/sessions/${sessionOfAlice}"`);
    expect(await ask(front, { host: "zzzzzzzzzzzzzzz9.apps.test" })).toHaveLength(answer.length);
    expect(front.activity).toEqual([]);
  });

  it("does not open with a forged, expired or ended one", async () => {
    const front = await startFront(app);
    const cookie = cookieFor(front, sessionOfAlice, alice);
    const [name, value = ""] = cookie.split("=");
    const [payload = "", mac] = value.split(".");
    const bobs = Buffer.from(Buffer.from(payload, "base64url").toString().replaceAll("alice", "bobby")).toString(
      "base64url",
    );
    const forged = [
      `${name}=${bobs}.${mac}`,
      `${name}=${payload}`,
      `${name}=${payload}.`,
      `${name}=.`,
      `${name}=${payload}.AAAA`,
    ];
    for (const bad of [...forged, cookieFor(front, sessionOfAlice, alice, { expiresAt: new Date(0) })]) {
      expect(statusOf(await ask(front, { cookie: bad }))).toBe(401);
    }
    front.loggedIn.delete(alice.via);
    expect(statusOf(await ask(front, { cookie }))).toBe(401);
  });

  it("is the same 404 for another's session and for one that never was", async () => {
    const front = await startFront(app);
    const never = "zzzzzzzzzzzzzzz9";
    const answers = await Promise.all([
      ask(front, { cookie: cookieFor(front, sessionOfAlice, bob) }),
      ask(front, { cookie: cookieFor(front, sessionOfBob, bob) }),
      ask(front, { host: `${never}.apps.test`, cookie: cookieFor(front, never, bob) }),
    ]);
    const plain = answers.map((answer) => answer.replace(/^Date: .*$/m, ""));
    expect(plain.map(statusOf)).toEqual([404, 404, 404]);
    expect(new Set(plain).size).toBe(1);
  });

  it.each([
    ["starting", 503, "not ready yet"],
    ["queued", 503, "waits in the queue"],
    ["stopping", 503, "being stopped"],
  ] as const)("says of a session that is %s what happens next", async (state, status, words) => {
    const front = await startFront(app);
    change(front, { state });
    const answer = await ask(front, { cookie: cookieFor(front, sessionOfAlice, alice) });
    expect(statusOf(answer)).toBe(status);
    expect(answer).toContain(words);
    expect(headerOf(answer, "Refresh")).toBe("3");
    expect(answer).toContain("http://portal.test/sessions/");
  });

  it("says why a session ended, in text that cannot be markup", async () => {
    const front = await startFront(app);
    change(front, {
      state: "ended",
      endDetail: 'It needed <more> "memory".',
      name: "<img src=x onerror=1>",
      secret: null,
    });
    const answer = await ask(front, { cookie: cookieFor(front, sessionOfAlice, alice) });
    expect(statusOf(answer)).toBe(410);
    expect(answer).toContain("It needed &lt;more&gt; &quot;memory&quot;.");
    expect(answer).not.toContain("<img");
    expect(headerOf(answer, "Refresh")).toBeUndefined();
    expect(headerOf(answer, "Content-Security-Policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  });

  it("says that the app does not answer, and looks again", async () => {
    const front = await startFront(app, { port: 1024 });
    const answer = await ask(front, { cookie: cookieFor(front, sessionOfAlice, alice) });
    expect(statusOf(answer)).toBe(502);
    expect(headerOf(answer, "Refresh")).toBe("5");
    const posted = await ask(front, { method: "POST", cookie: cookieFor(front, sessionOfAlice, alice) });
    expect(headerOf(posted, "Refresh")).toBeUndefined();
  });

  it("answers a program in plain text", async () => {
    const front = await startFront(app);
    const host = hostOf(front, sessionOfAlice);
    const answer = await exchange(front.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(headerOf(answer, "Content-Type")).toBe("text/plain; charset=utf-8");
  });

  it.each([
    ["GET", "same-site", "no-cors", "image", 403],
    ["GET", "cross-site", "navigate", "iframe", 403],
    ["POST", "same-site", "navigate", "document", 403],
    ["GET", "same-site", "cors", "empty", 403],
    ["GET", "cross-site", "navigate", "document", 200],
    ["POST", "same-origin", "cors", "empty", 200],
  ])("takes a %s that is %s %s %s for what it is (D2)", async (method, site, mode, dest, status) => {
    const front = await startFront(app);
    const headers = [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`];
    const answer = await ask(front, { method, headers, cookie: cookieFor(front, sessionOfAlice, alice) });
    expect(statusOf(answer)).toBe(status);
  });

  it.each([
    ["POST", "http://evil.example", undefined, 403],
    ["POST", "http://bbbbbbbbbbbbbbb1.apps.test", undefined, 403],
    ["POST", "https://aaaaaaaaaaaaaaa1.apps.test", undefined, 403],
    ["POST", "null", undefined, 403],
    ["POST", "null", "cross-site", 403],
    ["PUT", "http://evil.example", "same-origin", 403],
    ["OPTIONS", "http://evil.example", undefined, 403],
    ["POST", "null", "same-origin", 200],
    ["POST", "http://aaaaaaaaaaaaaaa1.apps.test", undefined, 200],
    ["POST", "http://aaaaaaaaaaaaaaa1.apps.test", "same-origin", 200],
    ["GET", "http://evil.example", undefined, 200],
  ])("takes a %s of origin %s, by Sec-Fetch-Site %s, for what it is", async (method, origin, site, status) => {
    const front = await startFront(app);
    const headers = [`Origin: ${origin}`, ...(site ? [`Sec-Fetch-Site: ${site}`] : [])];
    const answer = await ask(front, { method, headers, cookie: cookieFor(front, sessionOfAlice, alice) });
    expect(statusOf(answer)).toBe(status);
  });

  it("stops at too many connections at once", async () => {
    const front = await startFront(() => {});
    const cookie = cookieFor(front, sessionOfAlice, alice);
    const waiting = Array.from({ length: 512 }, () => ask(front, { cookie }).catch(() => ""));
    await expect.poll(front.gateway.count, { timeout: 20_000 }).toBe(512);
    expect(statusOf(await ask(front, { cookie }))).toBe(429);
    front.gateway.close();
    await Promise.all(waiting);
  });
});

describe("the way in", () => {
  const ticket = "t".repeat(43);
  const enter = (more = "") => `/.berth/enter?ticket=${ticket}${more}`;

  it("gives a cookie of this host for a ticket, once", async () => {
    const front = await startFront(app);
    front.tickets.set(ticket, { ...alice, sessionId: sessionOfAlice });
    const answer = await ask(front, { path: enter() });
    expect(statusOf(answer)).toBe(303);
    expect(headerOf(answer, "Location")).toBe("/lab?x=1");
    expect(headerOf(answer, "Referrer-Policy")).toBe("no-referrer");
    const cookie = headerOf(answer, "Set-Cookie") ?? "";
    expect(cookie).toMatch(/^__Host-berth-app-80=\S+; Path=\/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax$/);
    expect(await ask(front, { cookie: cookie.split(";")[0] })).toContain("the app");
    expect(statusOf(await ask(front, { path: enter() }))).toBe(401);
    const again = await ask(front, { path: enter(), cookie: cookie.split(";")[0] });
    expect(headerOf(again, "Location")).toBe("/");
    expect(again).not.toMatch(/set-cookie/i);
  });

  it.each([
    ["of a session on another host", { ...bob, sessionId: sessionOfBob }],
    ["of somebody who does not own the session", { ...bob, sessionId: sessionOfAlice }],
    ["of an ended login", { ...alice, via: "ended", sessionId: sessionOfAlice }],
  ])("refuses a ticket %s (C2)", async (_name, bound) => {
    const front = await startFront(app);
    front.tickets.set(ticket, bound);
    const answer = await ask(front, { path: enter() });
    expect(statusOf(answer)).toBe(401);
    expect(answer).not.toMatch(/set-cookie/i);
  });

  it("looks up no more tickets for an address that tries too many", async () => {
    forgetOnce("rate:enter");
    onTestFinished(() => forgetOnce("rate:enter"));
    const front = await startFront(app);
    const tries = `GET ${enter()} HTTP/1.1\r\nHost: ${hostOf(front, sessionOfAlice)}\r\n`;
    const answers = await exchange(front.port, `${`${tries}\r\n`.repeat(300)}${tries}Connection: close\r\n\r\n`);
    expect(answers.match(/^HTTP\/1\.1 401/gm)).toHaveLength(300);
    expect(answers.match(/^HTTP\/1\.1 429/gm)).toHaveLength(1);
    front.tickets.set(ticket, { ...alice, sessionId: sessionOfAlice });
    expect(statusOf(await ask(front, { path: enter() }))).toBe(429);
    expect(front.tickets.size).toBe(1);
  });

  it("counts neither tickets that are good nor what other sites' pages ask for (D2)", async () => {
    forgetOnce("rate:enter");
    onTestFinished(() => forgetOnce("rate:enter"));
    const front = await startFront(app);
    const from = (mode: string, dest: string) => [
      "Sec-Fetch-Site: cross-site",
      ...[`Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${dest}`],
    ];
    const asked = (path: string, headers: string[]) => ask(front, { path, headers });
    const images = Array.from({ length: 310 }, () => asked(enter(), from("no-cors", "image")));
    const refused = await Promise.all([...images, asked(enter(), from("navigate", "iframe"))]);
    expect(new Set(refused.map(statusOf))).toEqual(new Set([403]));
    const tickets = Array.from({ length: 310 }, (_, index) => String(index).padStart(43, "t"));
    for (const one of tickets) front.tickets.set(one, { ...alice, sessionId: sessionOfAlice });
    const enters = tickets.map((one) => asked(`/.berth/enter?ticket=${one}`, from("navigate", "document")));
    expect(new Set((await Promise.all(enters)).map(statusOf))).toEqual(new Set([303]));
  });

  it("keeps the rest of /.berth/ for itself and never passes it on", async () => {
    const front = await startFront(app);
    const cookie = cookieFor(front, sessionOfAlice, alice);
    expect(statusOf(await ask(front, { path: "/.berth/other", cookie }))).toBe(404);
    expect(statusOf(await ask(front, { path: enter(), method: "POST", cookie }))).toBe(401);
  });
});
