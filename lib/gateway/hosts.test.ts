import { describe, expect, it } from "vitest";
import { appCookieName, placeOf, wildcardHost } from "@/lib/gateway/hosts";

const wildcard = { url: "http://localhost:3000", appsHosts: "*.apps.localhost:3000" };
const finite = { url: "https://portal.example.org", appsHosts: ["app1.example.org", "app2.example.org:443"] };
const id = "abcdefghijklmno1";

describe("the place a Host names", () => {
  it.each([
    ["localhost:3000", { kind: "portal" }],
    ["LOCALHOST:3000", { kind: "portal" }],
    [`${id}.apps.localhost:3000`, { kind: "app", host: `${id}.apps.localhost:3000`, sessionId: id }],
    [`${id.toUpperCase()}.Apps.localhost:3000`, { kind: "app", host: `${id}.apps.localhost:3000`, sessionId: id }],
  ])("is ours: %s", (host, place) => {
    expect(placeOf(host, wildcard)).toEqual(place);
  });

  it.each([
    "localhost",
    "localhost:3001",
    "localhost.:3000",
    "127.0.0.1:3000",
    "apps.localhost:3000",
    `${id}.apps.localhost`,
    `x.${id}.apps.localhost:3000`,
    `${id}.apps.localhost:3000.evil`,
    `${id}x.apps.localhost:3000`,
    "short.apps.localhost:3000",
    "evil@localhost:3000",
    "",
  ])("is not ours: %s", (host) => {
    expect(placeOf(host, wildcard)).toBeNull();
  });

  it("may be one of a finite list, whose session is not in the name", () => {
    expect(placeOf("app1.example.org:443", finite)).toEqual({ kind: "app", host: "app1.example.org", sessionId: null });
    expect(placeOf("app2.example.org", finite)).toEqual({ kind: "app", host: "app2.example.org", sessionId: null });
    expect(placeOf("app3.example.org", finite)).toBeNull();
    expect(wildcardHost(id, finite)).toBeNull();
  });
});

it("names the cookie by the public port, because cookies ignore ports", () => {
  expect(appCookieName(wildcard)).toBe("__Host-berth-app-3000");
  expect(appCookieName(finite)).toBe("__Host-berth-app-443");
});
