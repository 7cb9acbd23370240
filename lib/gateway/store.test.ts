import { describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { db, lockedTransaction, transaction } from "@/lib/db";
import { assignHost, readRoute, touchSession } from "@/lib/gateway/store";
import { newTicket, redeemTicket } from "@/lib/gateway/tickets";

useDatabase();

let count = 0;

/** A session of a person of its own, in the state given. */
async function insertSession(state = "ready"): Promise<{ id: string; userId: string }> {
  count += 1;
  const id = `s${String(count).padStart(15, "0")}`;
  const userId = `person-${count}`;
  await db().user.create({
    data: { id: userId, issuer: "test", subject: userId, name: userId, roles: [], groups: [] },
  });
  await db().session.create({
    data: {
      id,
      ownerId: userId,
      idempotencyKey: "k",
      requestHash: "h",
      name: "n",
      template: "t",
      templateVersion: "1",
      cluster: "c",
      unixAccount: "u",
      request: {},
      nodes: 1,
      cpus: 1,
      memoryGiB: 1,
      gpus: 0,
      state,
    },
  });
  return { id, userId };
}

const soon = () => new Date(Date.now() + 30_000);

describe("a ticket", () => {
  it("is good once, however many try at the same time", async () => {
    const { id, userId } = await insertSession();
    const bound = { sessionId: id, userId, kind: "user", via: "a:login:with:colons" } as const;
    const ticket = await transaction((tx) => newTicket(tx, bound, soon()));
    const used = await Promise.all(Array.from({ length: 20 }, () => redeemTicket(ticket)));
    expect(used.filter((found) => found !== null)).toEqual([bound]);
  });

  it("is not good after its time", async () => {
    const { id, userId } = await insertSession();
    const bound = { sessionId: id, userId, kind: "token", via: "t" } as const;
    const ticket = await transaction((tx) => newTicket(tx, bound, new Date(Date.now() - 1)));
    expect(await redeemTicket(ticket)).toBeNull();
  });

  it("is stored as a hash only", async () => {
    const { id, userId } = await insertSession();
    const ticket = await transaction((tx) => newTicket(tx, { sessionId: id, userId, kind: "user", via: "l" }, soon()));
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(await db().ticket.findMany())).not.toContain(ticket);
  });
});

describe("hosts of a finite list", () => {
  it("go to live sessions, one each, and are used again after the end", async () => {
    const [one, two, three] = await Promise.all([insertSession(), insertSession(), insertSession()]);
    const hosts = ["h1", "h2"];
    const assign = (id: string) => lockedTransaction("app-hosts", (tx) => assignHost(tx, id, hosts));
    const given = await Promise.all([one, two, three].map(({ id }) => assign(id)));
    expect(given.filter((host) => host !== null).sort()).toEqual(hosts);
    expect(given.filter((host) => host === null)).toHaveLength(1);
    const holder = [one, two, three].find((_, index) => given[index] === "h1");
    const waiting = [one, two, three].find((_, index) => given[index] === null);
    if (!holder || !waiting) throw new Error("unreachable");
    expect(await assign(holder.id)).toBe("h1");
    await db().session.update({ where: { id: holder.id }, data: { state: "ended" } });
    expect(await assign(waiting.id)).toBe("h1");
    expect((await readRoute(db(), waiting.id))?.host).toBe("h1");
    expect((await readRoute(db(), holder.id))?.host).toBeNull();
  });

  it("change when a host leaves the list", async () => {
    const { id } = await insertSession();
    expect(await lockedTransaction("app-hosts", (tx) => assignHost(tx, id, ["old"]))).toBe("old");
    expect(await lockedTransaction("app-hosts", (tx) => assignHost(tx, id, ["new"]))).toBe("new");
    expect((await readRoute(db(), id))?.host).toBe("new");
  });
});

it("notes only later use, and leaves the row's revision alone", async () => {
  const { id } = await insertSession();
  const late = new Date("2026-11-22T12:00:00Z");
  await transaction((tx) => touchSession(tx, id, late));
  await transaction((tx) => touchSession(tx, id, new Date("2026-11-22T11:00:00Z")));
  const row = await db().session.findUniqueOrThrow({ where: { id } });
  expect(row.lastActivityAt).toEqual(late);
  expect(row.revision).toBe(0);
});
