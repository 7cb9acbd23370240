// B8: what is somebody else's and what never was take the same time, for every endpoint that finds something by its id. Asked in
// turns on one connection's worth of load, so that a busy machine slows both.
import { beforeAll, expect, it } from "vitest";
import { type Ids, pathOf, type Sample, samples } from "@/e2e/attacks/access-table";
import { browserOf, ownAddress, sendFrom } from "@/e2e/attacks/from-address";
import { plantSession, plantTerminal, plantToken, plantUpload } from "@/e2e/attacks/planted-rows";
import { cookieHeader, siteUnderTest } from "@/e2e/attacks/site";
import { type Endpoint, endpoints } from "@/lib/endpoints";

const rounds = 30;
const localAddress = ownAddress();
const never: Ids = {
  session: "z000000000000000",
  token: "00000000-0000-4000-8000-000000000000",
  terminal: "0".repeat(32),
  upload: "0".repeat(32),
  person: "nobody",
};
let hers: Ids;
let cookie: string;

beforeAll(async () => {
  cookie = cookieHeader(await browserOf("bob"));
  const token = (await plantToken("alice")).id;
  const [session, terminal, upload] = [plantSession("alice"), plantTerminal("alice"), plantUpload("alice")];
  hers = { ...never, session: await session, token, terminal: await terminal, upload: await upload };
});

async function milliseconds(endpoint: Endpoint, sample: Sample, ids: Ids): Promise<number> {
  const url = new URL(pathOf(endpoint, sample, ids), siteUnderTest().url);
  const body = sample.body === undefined ? undefined : Buffer.from(JSON.stringify(sample.body));
  const type: Record<string, string> = body ? { "content-type": "application/json" } : {};
  const headers = { cookie, "sec-fetch-site": "same-origin", ...type, ...sample.headers };
  const startedAt = performance.now();
  const { status } = await sendFrom(url, { method: endpoint.method, headers, body, localAddress });
  const took = performance.now() - startedAt;
  expect(status).toBe(404);
  return took;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

// The table holds endpoints of many types; what is read is what they have in common.
const personal = (Object.entries(endpoints) as [string, Endpoint][]).filter(([name]) => samples[name]?.isPersonal);

it.each(personal)("B8 %s: somebody else's is refused as quickly as one that never was", async (name, endpoint) => {
  const sample = samples[name] as Sample; // It is in `personal` for what its sample says.
  const times = { theirs: [] as number[], never: [] as number[] };
  // More than a person may ask in a minute would be refused for that.
  for (let round = 0; round < rounds; round += 1) {
    times.theirs.push(await milliseconds(endpoint, sample, hers));
    times.never.push(await milliseconds(endpoint, sample, never));
  }
  const [one, other] = [median(times.theirs), median(times.never)];
  // A difference that a person at a distance could measure would be of the class of a query to the cluster: tens of ms.
  expect(Math.abs(one - other)).toBeLessThan(Math.max(5, Math.min(one, other) / 2));
});
