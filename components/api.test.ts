import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { ask, worthRetrying } from "@/components/api";

afterEach(() => vi.unstubAllGlobals());

/** The address of a server that answers so. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  // It listens on a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

it("says of an answer that breaks off that the connection did, which is worth another try", async () => {
  const url = await answering((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"name": "Ali', () => response.destroy());
  });
  const fault = await ask<"me">(url).catch((error: Error) => error);
  expect(fault).toMatchObject({ code: "unavailable", message: expect.stringContaining("broke off") });
  expect(worthRetrying(0, fault as Error)).toBe(true);
});

it("leaves an answer that nobody waits for any more to whoever gave it up", async () => {
  const gaveUp = new AbortController();
  const url = await answering((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"name": "Ali', () => gaveUp.abort());
    onTestFinished(() => void response.destroy());
  });
  await expect(ask<"me">(url, { signal: gaveUp.signal })).rejects.toMatchObject({ name: "AbortError" });
});
