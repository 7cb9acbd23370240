import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { sendUnknown, unknownEndpoint } from "@/lib/http/unknown-endpoint";

const codeOf = (method: string, path: string) => unknownEndpoint(method, path)?.error.code ?? null;

it.each([
  ["GET", "/api/me"],
  ["HEAD", "/api/me"],
  ["OPTIONS", "/api/me"],
  ["GET", "/api/me/"],
  ["GET", "/api/openapi.json"],
  ["GET", "/api/sessions/abc"],
  ["POST", "/api/sessions/preview"],
  ["DELETE", "/api/tokens/x"],
  ["POST", "/api/auth/anything/at/all"],
  ["GET", "/sessions"],
])("leaves %s %s to who answers it", (method, path) => expect(codeOf(method, path)).toBeNull());

it.each([
  ["GET", "/api/nope"],
  ["POST", "/api/nope"],
  ["GET", "/api/"],
  ["GET", "/api/sessions/a/b/c"],
  ["GET", "/api/openapixjson"],
])("says that %s %s is not there", (method, path) => expect(codeOf(method, path)).toBe("not_found"));

it("names the methods that a path has when asked with another", () => {
  expect(unknownEndpoint("DELETE", "/api/me")).toMatchObject({
    allow: "GET, HEAD, OPTIONS",
    error: { code: "not_offered", message: "DELETE is not offered here; GET, HEAD, OPTIONS are." },
  });
});

it.each([
  ["GET", "/api/sessions/preview", "OPTIONS, POST"],
  ["HEAD", "/api/uploads/batch", "OPTIONS, POST"],
])("names for %s %s those of the fixed name, not of the placeholder that it matches as well", (method, path, allow) => {
  expect(unknownEndpoint(method, path)).toMatchObject({ allow, error: { code: "not_offered" } });
});

it("answers with problem JSON, and HEAD with its headers alone", async () => {
  const server = createServer((incoming, response) => {
    const unknown = unknownEndpoint(incoming.method ?? "", incoming.url ?? "");
    if (unknown) void sendUnknown(response, unknown);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const ask = (method: string, path: string) =>
    new Promise<{ status?: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path, method };
      request(options, async (answer) =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: await text(answer) }),
      )
        .on("error", reject)
        .end();
    });
  const missing = await ask("GET", "/api/nope");
  expect(missing).toMatchObject({ status: 404, headers: { "content-type": "application/problem+json" } });
  expect(JSON.parse(missing.body)).toMatchObject({ code: "not_found", status: 404 });
  const wrong = await ask("PUT", "/api/me");
  expect(wrong).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, OPTIONS" } });
  expect(JSON.parse(wrong.body)).toMatchObject({ code: "not_offered" });
  expect(await ask("HEAD", "/api/nope")).toMatchObject({ status: 404, body: "" });
});
