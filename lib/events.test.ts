import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import type { PersonActor } from "@/lib/actor";
import { insertLogin } from "@/lib/auth/store";
import { type Change, db, notify, transaction } from "@/lib/db";
import { eventPosition, eventStream } from "@/lib/events";
import { beatMs } from "@/lib/events/schema";

useDatabase();

// Whichever test opens the first stream starts what beats.
beforeAll(() => void vi.useFakeTimers({ toFake: ["setInterval"] }));
afterAll(() => void vi.useRealTimers());

async function signIn(): Promise<PersonActor> {
  const userId = randomUUID();
  await db().user.create({ data: { id: userId, issuer: "test", subject: userId, name: "n", roles: [], groups: [] } });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const login = await insertLogin(db(), { userId, expiresAt, idTokenSealed: null, userAgent: null });
  return { kind: "user", userId, name: "n", roles: [], groups: [], via: login.id, scopes: [] };
}

const tell = (change: Change) => transaction((tx) => notify(tx, change));

/** A stream being read; `until` resolves with all text so far once it holds `wanted`, or null when it ends before. */
async function read(actor: PersonActor, lastEventId: string | null = null) {
  const { body } = await eventStream(actor, lastEventId);
  if (!body) throw new Error("no body");
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  onTestFinished(() => reader.cancel());
  let text = "";
  const until = async (wanted: string): Promise<string | null> => {
    while (!text.includes(wanted)) {
      const { value, done } = await reader.read();
      if (done) return null;
      text += value;
    }
    return text;
  };
  return { until };
}

const lastId = (text: string | null): string => [...(text ?? "").matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? "";

describe("an event stream", () => {
  it("greets, then tells a person of their own sessions and of clusters, and of nobody else's", async () => {
    const [alice, bob] = [await signIn(), await signIn()];
    const [hers, his] = [await read(alice), await read(bob)];
    expect(await hers.until("event: hello")).toMatch(
      /^retry: 2000\nid: \w+-\d+\nevent: hello\ndata: {"epoch":"\w+"}\n\n/,
    );
    await tell({ kind: "session", id: "aaaa", ownerId: alice.userId });
    await tell({ kind: "login", userId: bob.userId });
    await tell({ kind: "cluster", name: "hpc" });
    expect(await hers.until('event: cluster\ndata: {"name":"hpc"}')).toContain('event: session\ndata: {"id":"aaaa"}');
    const seen = await his.until("event: cluster");
    expect(seen).not.toContain("aaaa");
    expect(seen).not.toContain("login");
  });

  it("goes on where a browser left it", async () => {
    const alice = await signIn();
    const first = await read(alice);
    await tell({ kind: "cluster", name: "one" });
    const id = lastId(await first.until("one"));
    await tell({ kind: "session", id: "missed", ownerId: alice.userId });
    await first.until("missed");
    const again = await read(alice, id);
    const text = await again.until("missed");
    expect(text).not.toContain("resync");
    expect(text).not.toContain('"one"');
  });

  it("that begins where a page was drawn is told what changed since, and no more", async () => {
    const alice = await signIn();
    const beside = await read(alice);
    await tell({ kind: "session", id: "before", ownerId: alice.userId });
    await beside.until("before");
    const drawnAt = eventPosition();
    await tell({ kind: "session", id: "between", ownerId: alice.userId });
    await beside.until("between");
    const text = await (await read(alice, drawnAt)).until("between");
    expect(text).not.toMatch(/before|resync/);
  });

  it.each(["0123456789ab-1", "nonsense", "-5"])(
    "tells a browser that comes back with %s to ask for everything",
    async (id) => {
      const stream = await read(await signIn(), id);
      expect(await stream.until("event: resync")).not.toBeNull();
    },
  );

  it("tells a browser with a number from the future to ask for everything", async () => {
    const alice = await signIn();
    const epoch = lastId(await (await read(alice)).until("hello")).split("-")[0];
    expect(await (await read(alice, `${epoch}-999999`)).until("resync")).not.toBeNull();
  });

  it("says that it is there, in an event that scripts see and that moves nobody's place", async () => {
    const stream = await read(await signIn());
    await stream.until("hello");
    vi.advanceTimersByTime(beatMs);
    expect(await stream.until("event: beat")).toMatch(/\n\nevent: beat\ndata: {}\n\n$/);
  });

  it("keeps little for a browser that does not read, then tells it to ask for everything", async () => {
    const alice = await signIn();
    const { body } = await eventStream(alice, null);
    const beside = await read(alice);
    const arrived = beside.until('"last"');
    for (let count = 0; count < 150; count += 1) {
      await tell({ kind: "session", id: "x".repeat(1000), ownerId: alice.userId });
    }
    await tell({ kind: "session", id: "last", ownerId: alice.userId });
    await arrived;
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    onTestFinished(() => reader?.cancel());
    let text = "";
    while (!text.includes("resync")) text += (await reader?.read())?.value ?? "";
    expect(text.length).toBeLessThan(80 * 1024);
    expect(text).not.toContain('"last"');
  });

  it("is refused beyond twenty of one person, whose ended ones do not count (P4)", async () => {
    const alice = await signIn();
    const open = await Promise.all(Array.from({ length: 20 }, () => eventStream(alice, null)));
    await expect(eventStream(alice, null)).rejects.toMatchObject({ code: "too_many", retryAfterSeconds: 30 });
    await eventStream(await signIn(), null).then(({ body }) => body?.cancel());
    await open[0]?.body?.cancel();
    open[0] = await eventStream(alice, null);
    await Promise.all(open.map(({ body }) => body?.cancel()));
  });
});
