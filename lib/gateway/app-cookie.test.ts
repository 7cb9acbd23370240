import { expect, it } from "vitest";
import { readAppCookie, signAppCookie } from "@/lib/gateway/app-cookie";
import { once } from "@/lib/once";

const cookie = {
  ...({ kind: "user", via: "login-alice", userId: "alice", sessionId: "aaaaaaaaaaaaaaa1" } as const),
  expiresAt: new Date("2030-01-01T00:00:00Z"),
};
const now = new Date("2029-12-31T00:00:00Z");
const known = () => once("gateway.known-cookies", () => new Map<string, unknown>());

it("is good until it expires", () => {
  const value = signAppCookie(cookie);
  expect(readAppCookie(value, now)).toEqual(cookie);
  expect(readAppCookie(value, now)).toEqual(cookie);
  expect(readAppCookie(value, cookie.expiresAt)).toBeNull();
});

it("has one spelling: no other is good, nor kept", () => {
  const value = signAppCookie(cookie);
  const [payload = "", mac = ""] = value.split(".");
  readAppCookie(value, now);
  const before = known().size;
  // Base64 of 32 bytes has two bits to spare in its last letter, and decoders read past what is no letter.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = letters.indexOf(mac.slice(-1));
  const twin = `${mac.slice(0, -1)}${letters[(last & ~3) | ((last + 1) & 3)]}`;
  const others = [
    `${value}.x`,
    `${value}.`,
    `${value}!!`,
    `${value}=`,
    `${value}.${"x".repeat(30_000)}`,
    `${payload}.${twin}`,
  ];
  expect(others.map((other) => readAppCookie(other, now))).toEqual(others.map(() => null));
  expect(known().size).toBe(before);
});
