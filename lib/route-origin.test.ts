// Which requests that carry a login cookie are believed to come from the portal's own pages.
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { signInPerson, type TestPerson } from "@/dev/test-people";
import { useConfig } from "@/dev/test-portal";
import { type Endpoint, endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";

// Same-site with the apps' hosts, as portals usually are.
const ORIGIN = "http://portal.berth.localhost:3000";
let alice: TestPerson;

useDatabase();

beforeAll(async () => {
  useConfig({ url: ORIGIN });
  alice = await signInPerson("alice");
});

beforeEach(() => forgetOnce("rate:"));

const isReading = ({ method }: { method: string }): boolean => method === "GET" || method === "HEAD";

async function send(
  handler: ReturnType<typeof route>,
  method: string,
  headers: Record<string, string>,
): Promise<Response> {
  const body = isReading({ method }) ? undefined : "{}";
  const all = { "content-type": "application/json", cookie: alice.cookie, ...headers };
  const request = new Request(`${ORIGIN}/api/things`, { method, headers: all, body });
  return handler(request, { params: Promise.resolve({}) });
}

// Every endpoint of the table, so that a new one cannot be forgotten.
describe("B7: a request begun elsewhere", () => {
  const elsewhere: [string, Record<string, string>][] = [
    ["cross-site", { "sec-fetch-site": "cross-site" }],
    ["same-site", { "sec-fetch-site": "same-site" }],
    ["cross-site with the right origin", { "sec-fetch-site": "cross-site", origin: ORIGIN }],
    [
      "same-origin with another origin",
      { "sec-fetch-site": "same-origin", origin: "http://x.apps.berth.localhost:3000" },
    ],
    ["an old browser elsewhere", { origin: "https://evil.example" }],
    ["an old browser with an opaque origin", { origin: "null" }],
    ["the right host with another scheme", { origin: ORIGIN.replace("http", "https") }],
    ["the right name as a prefix", { origin: `${ORIGIN}.evil.example` }],
  ];
  const silent: [string, Record<string, string>][] = [
    ["neither header", {}],
    ["an address typed by hand", { "sec-fetch-site": "none" }],
  ];
  const all: Endpoint[] = Object.values(endpoints);
  const changing = all.filter((endpoint) => !isReading(endpoint));
  const reading = all.filter((endpoint) => isReading(endpoint) && endpoint.scope !== null);

  const refusedFor = (endpoint: Endpoint) => async (_name: string, headers: Record<string, string>) => {
    const handler = vi.fn(async () => new Response("done"));
    const { method } = endpoint;
    const response = await send(route(endpoint, handler), method, headers);
    expect(response.status).toBe(403);
    expect(handler).not.toHaveBeenCalled();
  };

  describe.each(changing.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    "%s",
    (_name, endpoint) => {
      it.each([...elsewhere, ...silent])("is refused: %s", refusedFor(endpoint));
    },
  );

  describe.each(reading.map((endpoint) => [`GET ${endpoint.path}`, endpoint] as const))("%s", (_name, endpoint) => {
    it.each(elsewhere)("is refused: %s", refusedFor(endpoint));
  });

  it("leaves no endpoint that changes something without a login", () => {
    expect(changing.filter((endpoint) => endpoint.scope === null)).toEqual([]);
  });

  it.each([
    ["same-origin", { "sec-fetch-site": "same-origin" }],
    ["an old browser on our own page", { origin: ORIGIN }],
  ])("is admitted: %s", async (_name, headers) => {
    const handler = route(
      { method: "POST", path: "/api/things", summary: "", scope: "sessions:write" },
      async () => ({}),
    );
    expect((await send(handler, "POST", headers)).status).toBe(200);
  });
});
