import { describe, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { recordEvent, visible } from "@/lib/audit/record-event";
import { db, transaction } from "@/lib/db";

useDatabase();

const system = { kind: "system" } as const;
const read = (id: string) => db().event.findMany({ where: { subjectId: id } });

describe("an event", () => {
  it("is there exactly when its transaction is", async () => {
    const record = (id: string, fails: boolean) =>
      transaction(async (tx) => {
        await recordEvent(tx, { actor: system, action: "thing.done", subject: { kind: "thing", id } });
        if (fails) throw new Error("no");
      });
    await record("committed", false);
    await expect(record("undone", true)).rejects.toThrow("no");
    expect(await read("committed")).toHaveLength(1);
    expect(await read("undone")).toHaveLength(0);
  });

  it.each([
    ["token", { token: "v1" }],
    ["user", { login: "v1" }],
  ] as const)("says who acted, and with which %s", async (kind, data) => {
    const actor = { kind, userId: "u1", name: "A", roles: [], groups: [], via: "v1", scopes: [] };
    const subject = { kind: "thing", id: `by-${kind}` };
    await transaction((tx) => recordEvent(tx, { actor, action: "thing.done", subject }));
    expect(await read(`by-${kind}`)).toMatchObject([{ actorKind: kind, actorId: "u1", data }]);
  });

  it("P7: holds control characters visibly, and every value that JSON or the database would not take", async () => {
    const data = {
      name: "x\n2026-11-22 admin\u001b[2J\u0000",
      odd: [Number.NaN, undefined, null, "\u2028", "\ud800"],
      "key\n": { inner: "\u202etxt" },
      left: undefined,
    };
    await transaction((tx) =>
      recordEvent(tx, { actor: system, action: "a.b", subject: { kind: "thing", id: "odd" }, data }),
    );
    const [event] = await read("odd");
    expect(event?.data).toEqual({
      name: "x\\u000a2026-11-22 admin\\u001b[2J\\u0000",
      odd: ["NaN", null, null, "\\u2028", "\\ud800"],
      "key\\u000a": { inner: "\\u202etxt" },
    });
  });
});

it("holds the beginning of a long text, and says that it is one", async () => {
  const long = "\u0001".repeat(2 ** 22);
  const before = performance.now();
  await transaction((tx) =>
    recordEvent(tx, {
      actor: system,
      action: "a.b",
      subject: { kind: "thing", id: "long" },
      data: { words: long, [long]: ["x".repeat(4096), "x".repeat(4097), `${"x".repeat(4095)}\u{1f600}`] },
    }),
  );
  // Cleaning all of it before it is cut takes 40 s of a quiet machine, the beginning alone some milliseconds.
  expect(performance.now() - before).toBeLessThan(15_000);
  const [event] = await read("long");
  const begin = "\\u0001".repeat(4096);
  expect(event?.data).toEqual({
    words: `${begin}…`,
    [`${begin}…`]: ["x".repeat(4096), `${"x".repeat(4096)}…`, `${"x".repeat(4095)}\\ud83d…`],
  });
});

it("leaves ordinary text of any language alone", () => {
  const text = "Zoë · 東京 · עברית · 👩‍🔬 · a\\b";
  expect(visible(text)).toBe(text);
});
