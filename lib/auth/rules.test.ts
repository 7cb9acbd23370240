import { describe, expect, it } from "vitest";
import { safeReturnPath } from "@/lib/auth/rules";

const ORIGIN = "https://portal.example.org";

describe("B11: where one may be sent after signing in", () => {
  it.each([
    ["/", "/"],
    ["/sessions/abc?tab=log#end", "/sessions/abc?tab=log#end"],
    [`${ORIGIN}/launch`, "/launch"],
    ["/a%2f%2fb", "/a%2f%2fb"],
    ["/?next=//evil.example", "/?next=//evil.example"],
  ])("is %s", (wanted, path) => expect(safeReturnPath(wanted, ORIGIN)).toBe(path));

  it.each([
    undefined,
    null,
    "",
    "sessions",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "https:evil.example",
    "https://evil.example",
    "https://portal.example.org.evil.example/",
    "https://portal.example.org@evil.example/",
    "https://user@portal.example.org/",
    "http://portal.example.org/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "\u0000//evil.example",
    " //evil.example",
    `/${"x".repeat(3000)}`,
    "/sign-in?from=/sign-in",
  ])("is the start page instead of %j", (wanted) => expect(safeReturnPath(wanted, ORIGIN)).toBe("/"));
});
