// B8: what is somebody else's and what never was take the same time. Asked in turns on one connection's worth of load, so
// that a busy machine slows both.
import { beforeAll, expect, it } from "vitest";
import { browserOf, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import { plantSession, plantToken } from "@/e2e/attacks/planted-rows";
import { cookieHeader, siteUnderTest } from "@/e2e/attacks/site";

const rounds = 30;
const localAddress = ownAddress();
let headers: Record<string, string>;
let session: string;
let token: string;

beforeAll(async () => {
  headers = { cookie: cookieHeader(await browserOf("bob")), "sec-fetch-site": "same-origin" };
  session = await plantSession("alice");
  token = (await plantToken("alice")).id;
});

async function milliseconds(method: string, path: string): Promise<number> {
  const startedAt = performance.now();
  const { status } = await sendFrom(new URL(path, siteUnderTest().url), { method, headers, localAddress });
  expect(status).toBe(404);
  return performance.now() - startedAt;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const asks: [string, string, () => [string, string]][] = [
  ["a session", "GET", () => [`/api/sessions/${session}`, "/api/sessions/z000000000000000"]],
  ["a session's log", "GET", () => [`/api/sessions/${session}/log`, "/api/sessions/z000000000000000/log"]],
  ["a ticket", "POST", () => [`/api/sessions/${session}/ticket`, "/api/sessions/z000000000000000/ticket"]],
  ["a stop", "POST", () => [`/api/sessions/${session}/stop`, "/api/sessions/z000000000000000/stop"]],
  ["a token", "DELETE", () => [`/api/tokens/${token}`, "/api/tokens/00000000-0000-4000-8000-000000000000"]],
];

it.each(asks)(
  "B8 %s that is somebody else's is refused as quickly as one that never was",
  async (_what, method, paths) => {
    const [theirs, never] = paths();
    const times = { theirs: [] as number[], never: [] as number[] };
    // More than a person may ask in a minute would be refused for that.
    for (let round = 0; round < rounds; round += 1) {
      times.theirs.push(await milliseconds(method, theirs));
      times.never.push(await milliseconds(method, never));
    }
    const [one, other] = [median(times.theirs), median(times.never)];
    // A difference that a person at a distance could measure would be of the class of a query to the cluster: tens of ms.
    expect(Math.abs(one - other)).toBeLessThan(Math.max(5, Math.min(one, other) / 2));
  },
);
