// What reaches the portal before any route does: targets, hosts, methods.
import { expect, it } from "vitest";
import { portalHost, send, sendRaw } from "@/e2e/attacks/site";

it("B11 refuses an absolute-form request target, and never answers where it says", async () => {
  const { text } = await sendRaw(
    `GET http://evil.example/ HTTP/1.1\r\nHost: ${portalHost()}\r\nConnection: close\r\n\r\n`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(text).not.toContain("evil.example");
});

it("D8 answers only to hosts it knows", async () => {
  const { status, body } = await send("/api/health", { host: "evil.example" });
  expect([400, 404, 421]).toContain(status);
  expect(body).not.toContain("reconciler");
});
