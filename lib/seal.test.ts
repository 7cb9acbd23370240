import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isSigned, requireSecret, seal, sign, unseal } from "@/lib/seal";

const strong = "q8Vn2Lr7Tz4Xc9Wd1Kf6Hj3Ms5Pb0GyA";

describe("the portal's secret", () => {
  it("must be there, long, and nobody's example", () => {
    expect(() => requireSecret(null)).toThrow("PORTAL_SECRET is not set");
    expect(() => requireSecret(strong.slice(1))).toThrow("shorter than 32");
    for (const weak of [
      "change-me-change-me-change-me-change-me",
      "a".repeat(40),
      "my-secret-my-secret-my-secret-my-x",
    ]) {
      expect(() => requireSecret(weak)).toThrow("easy to guess");
    }
    expect(requireSecret(strong)).toBe(strong);
  });
});

it("may hold by chance what would be a word in an example", () => {
  expect(() => requireSecret("Xq7hEre2mVx0RrT5zKc7WnBd4yourLs9EuGa")).not.toThrow();
  expect(() => requireSecret("put-your-own-secret-of-48-letters-here")).toThrow(/an example/);
});

describe("sealing", () => {
  beforeEach(() => {
    process.env.PORTAL_SECRET = strong;
  });
  afterEach(() => {
    delete process.env.PORTAL_SECRET;
  });

  it("gives back what was sealed, and looks different each time", () => {
    const sealed = seal("päss word", "session-secret");
    expect(unseal(sealed, "session-secret")).toBe("päss word");
    expect(seal("päss word", "session-secret")).not.toBe(sealed);
    expect(sealed).not.toContain("word");
  });

  it("opens nothing that was changed, cut, or sealed for another purpose or with another secret", () => {
    const sealed = seal("value", "id-token");
    const last = sealed.at(-2) === "A" ? "B" : "A";
    const wrong = [`${sealed.slice(0, -2)}${last}${sealed.slice(-1)}`, sealed.slice(0, 20), `v2${sealed.slice(2)}`, ""];
    for (const text of wrong) expect(() => unseal(text, "id-token")).toThrow("cannot be opened");
    expect(() => unseal(sealed, "session-secret")).toThrow("cannot be opened");
    process.env.PORTAL_SECRET = `${strong}x`;
    expect(() => unseal(sealed, "id-token")).toThrow("cannot be opened");
  });

  it("knows its own signature from another text's, another purpose's and none", () => {
    const signature = sign("alice", "ticket");
    expect(isSigned("alice", signature, "ticket")).toBe(true);
    expect(isSigned("bob", signature, "ticket")).toBe(false);
    expect(isSigned("alice", signature, "cookie")).toBe(false);
    expect(isSigned("alice", "", "ticket")).toBe(false);
  });
});
