import { describe, expect, it } from "vitest";
import {
  alice,
  ask,
  change,
  cookieFor,
  headerOf,
  sessionOfAlice,
  sessionOfBob,
  startFront,
  statusOf,
} from "@/dev/test-gateway";

const app = (_request: unknown, response: { end: (text: string) => void }) => response.end("the app");

/** The cookie by which the browser says that it has cleaned up. */
const cleanedMark = (answer: string): string => /^Set-Cookie: (__Host-berth-cleaned=[^;]+)/m.exec(answer)?.[1] ?? "";

describe("a host of a finite list", () => {
  const appsHosts = ["one.test", "two.test"];
  const ticket = "t".repeat(43);

  async function start() {
    const front = await startFront(app, { appsHosts });
    change(front, { host: "one.test" });
    change(front, { host: "two.test" }, sessionOfBob);
    return front;
  }

  it("is the session's to whom it is assigned, for its owner", async () => {
    const front = await start();
    const cookie = cookieFor(front, sessionOfAlice, alice);
    expect(await ask(front, { host: "one.test", cookie })).toContain("the app");
    expect(statusOf(await ask(front, { host: "two.test", cookie }))).toBe(404);
    expect(statusOf(await ask(front, { host: "three.test", cookie }))).toBe(421);
  });

  it("is cleaned of what another session left before the cookie is set", async () => {
    const front = await start();
    front.tickets.set(ticket, { ...alice, sessionId: sessionOfAlice });
    const first = await ask(front, { host: "one.test", path: `/.berth/enter?ticket=${ticket}`, cookie: "_xsrf=old" });
    expect(headerOf(first, "Clear-Site-Data")).toBe('"cache", "storage"');
    const expired = first.match(/^Set-Cookie: _xsrf=.*$/gm)?.map((line) => line.trim());
    // A cookie of the host alone, one with its domain and one of a partition are three to a browser.
    expect(expired).toEqual([
      "Set-Cookie: _xsrf=; Path=/; Max-Age=0; Secure",
      "Set-Cookie: _xsrf=; Path=/; Max-Age=0; Secure; Domain=one.test",
      "Set-Cookie: _xsrf=; Path=/; Max-Age=0; Secure; Partitioned",
    ]);
    const path = headerOf(first, "Location") ?? "";
    const cookie = cleanedMark(first);
    const second = await ask(front, { host: "one.test", path, cookie });
    expect(headerOf(second, "Set-Cookie")).toContain("__Host-berth-app-80=");
    expect(headerOf(second, "Clear-Site-Data")).toBeUndefined();
  });

  it("is cleaned whatever the address says and whatever was cleaned for another ticket", async () => {
    const front = await start();
    const other = ticket.replace(/^./, "Z");
    for (const one of [ticket, other]) front.tickets.set(one, { ...alice, sessionId: sessionOfAlice });
    const enter = (one: string, more = {}) =>
      ask(front, { host: "one.test", path: `/.berth/enter?ticket=${one}&clean=1`, ...more });
    const cookie = cleanedMark(await enter(other));
    for (const answer of [await enter(ticket), await enter(ticket, { cookie })]) {
      expect(headerOf(answer, "Clear-Site-Data")).toBe('"cache", "storage"');
      expect(answer).not.toContain("__Host-berth-app-80=");
    }
  });

  it("takes no service worker, which would see how the next session there is entered", async () => {
    const front = await start();
    const cookie = cookieFor(front, sessionOfAlice, alice);
    const asked = { host: "one.test", path: "/worker.js", cookie, headers: ["Service-Worker: script"] };
    expect(statusOf(await ask(front, asked))).toBe(403);
    const page = await ask(front, { host: "one.test", path: "/worker.js", cookie });
    expect(page).toContain("the app");
    // Nor one that was fetched as something else, and kept.
    expect(headerOf(page, "Vary")).toBe("Service-Worker");
  });

  it("keeps what the same session stored when it is opened again", async () => {
    const front = await start();
    front.tickets.set(ticket, { ...alice, sessionId: sessionOfAlice });
    const cookie = cookieFor(front, sessionOfAlice, alice);
    const answer = await ask(front, { host: "one.test", path: `/.berth/enter?ticket=${ticket}`, cookie });
    expect(headerOf(answer, "Location")).toBe("/lab?x=1");
  });

  it("is cleaned of an ended session that still seems to have it", async () => {
    const front = await start();
    const cookie = cookieFor(front, sessionOfAlice, alice);
    change(front, { state: "ended" });
    change(front, { host: "one.test", ownerId: alice.userId }, sessionOfBob);
    front.tickets.set(ticket, { ...alice, sessionId: sessionOfBob });
    const answer = await ask(front, { host: "one.test", path: `/.berth/enter?ticket=${ticket}`, cookie });
    expect(headerOf(answer, "Clear-Site-Data")).toBe('"cache", "storage"');
  });

  it("forgets what was stored when the session has ended, and opens nothing for the old cookie afterwards", async () => {
    const front = await start();
    const cookie = cookieFor(front, sessionOfAlice, alice);
    change(front, { state: "ended" });
    const ended = await ask(front, { host: "one.test", cookie });
    expect(statusOf(ended)).toBe(410);
    expect(headerOf(ended, "Clear-Site-Data")).toBe('"cache", "storage"');
    change(front, { host: null });
    change(front, { host: "one.test" }, sessionOfBob);
    expect(statusOf(await ask(front, { host: "one.test", cookie }))).toBe(404);
  });
});
