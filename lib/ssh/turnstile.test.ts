import { describe, expect, it } from "vitest";
import { turnstile } from "./turnstile";

describe("a turnstile", () => {
  it("lets in as many as it is wide, and the others in their order", async () => {
    const enter = turnstile(2, 10);
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const inside: number[] = [];
    const all = gates.map((gate, index) =>
      enter(async () => {
        inside.push(index);
        await gate.promise;
      }),
    );
    await expect.poll(() => inside).toEqual([0, 1]);
    gates[1]?.resolve();
    await expect.poll(() => inside).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    expect(inside).toEqual([0, 1, 2, 3, 4]);
  });

  it("hands on the place of one that failed", async () => {
    const enter = turnstile(1, 10);
    const failing = enter(async () => {
      throw new Error("no");
    });
    const next = enter(async () => "in");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("in");
  });

  it("turns away whom the line has no room for", async () => {
    const enter = turnstile(1, 1);
    const gate = Promise.withResolvers<void>();
    const waiting = [enter(() => gate.promise), enter(() => gate.promise)];
    await expect(enter(() => gate.promise)).rejects.toMatchObject({ code: "too_many" });
    gate.resolve();
    await Promise.all(waiting);
  });
});
