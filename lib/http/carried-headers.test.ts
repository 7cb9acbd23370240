import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { carryHeaders, deliverHeaders } from "@/lib/http/carried-headers";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An answer as Next sends it: without a length, and with the policy that was there before. */
async function sent(answer: Response, more: Record<string, string> = {}): Promise<Response> {
  const server = createServer((_request, response) => {
    response.setHeader("content-security-policy", "default-src 'self'");
    deliverHeaders(response);
    carryHeaders(answer);
    for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
    for (const [name, value] of answer.headers) {
      if (name !== "content-length" && !response.hasHeader(name)) response.setHeader(name, value);
    }
    response.flushHeaders();
    void answer.arrayBuffer().then((body) => response.end(Buffer.from(body)));
  }).listen(0, "127.0.0.1");
  closers.push(() => server.close());
  await once(server, "listening");
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
}

describe("an answer with a length and a policy of its own", () => {
  it("has them when it arrives, and nothing else of ours", async () => {
    const own = { "content-length": "5", "content-security-policy": "default-src 'none'; sandbox" };
    const { headers } = await sent(new Response("bytes", { headers: own }));
    expect(headers.get("content-length")).toBe("5");
    expect(headers.get("transfer-encoding")).toBeNull();
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect([...headers.keys()].filter((name) => name.startsWith("x-berth-"))).toEqual([]);
  });

  it("has no length where it was encoded on its way", async () => {
    const answer = new Response("bytes", { headers: { "content-length": "5" } });
    const { headers } = await sent(answer, { "content-encoding": "identity" });
    expect(headers.get("content-length")).toBeNull();
  });
});

describe("an answer without", () => {
  it("keeps the portal's policy", async () => {
    const { headers } = await sent(new Response("bytes"));
    expect(headers.get("content-security-policy")).toBe("default-src 'self'");
  });
});
