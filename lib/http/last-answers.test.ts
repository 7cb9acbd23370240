import { expect, it } from "vitest";
import { keepAnswer, keptAnswer } from "./last-answers";

const mebibyte = 2 ** 20;

it("keeps the last answer to a question", () => {
  keepAnswer("ann /api/me", "1");
  keepAnswer("ann /api/me", "2");
  expect(keptAnswer("ann /api/me")?.json).toBe("2");
  expect(keptAnswer("bob /api/me")).toBeNull();
});

it("holds no more than so much, whatever is asked for and however often", () => {
  const keys = Array.from({ length: 100 }, (_, number) => `ann /api/sessions?search=${number}`);
  for (const key of keys) keepAnswer(key, "x".repeat(mebibyte - 1));
  const held = keys.filter((key) => keptAnswer(key));
  expect(held.length).toBeGreaterThan(20);
  expect(held.length).toBeLessThanOrEqual(32);
  // The newest, not the first.
  expect(held.at(-1)).toBe(keys.at(-1));
});

it("forgets an answer that became too large to keep, rather than showing the one before", () => {
  keepAnswer("ann /api/sessions", "[]");
  keepAnswer("ann /api/sessions", "x".repeat(mebibyte + 1));
  expect(keptAnswer("ann /api/sessions")).toBeNull();
});
