import { expect, it } from "vitest";
import { contentSecurityPolicy } from "@/lib/gateway/portal-headers";

const policy = { url: "https://portal.test", issuer: "https://id.test/realm", production: true, trustedProxies: [] };

it("lets only scripts with this answer's nonce run, and nobody frame the portal (P1)", () => {
  const csp = contentSecurityPolicy("abc", policy);
  expect(csp).toContain("script-src 'nonce-abc' 'strict-dynamic';");
  expect(csp).toContain("frame-ancestors 'none'");
  expect(csp).toContain("form-action 'self' https://id.test;");
  expect(csp).toContain("upgrade-insecure-requests");
  expect(csp).not.toMatch(/unsafe-eval|\*|http:/);
});

it("loosens for development only what its tools need", () => {
  const csp = contentSecurityPolicy("abc", { ...policy, url: "http://localhost:3000", production: false });
  expect(csp).toContain("'unsafe-eval'");
  expect(csp).not.toContain("upgrade-insecure-requests");
});
