// The upgrades of B8: of everything that can be one, as everybody who might ask, and of what is none.
import { beforeAll, describe, expect, it } from "vitest";
import { frameable } from "@/e2e/attacks/frameable";
import { browserOf } from "@/e2e/attacks/from-address";
import { plantSession, plantTerminal, plantToken, shutOut } from "@/e2e/attacks/planted-rows";
import { appHost, cookieHeader, siteUnderTest, upgrade } from "@/e2e/attacks/site";
import { type Asker, askers, type UpgradeIds, upgradeSamples } from "@/e2e/attacks/upgrade-table";
import { scopes } from "@/lib/auth/schema";
import { type UpgradeKind, upgrades } from "@/lib/gateway/upgrades";

let ids: UpgradeIds;
let brought: Record<Asker, Record<string, string>>;

beforeAll(async () => {
  ids = { session: await plantSession("alice"), terminal: await plantTerminal("alice") };
  const cookie = async (who: string) => ({ cookie: cookieHeader(await browserOf(who)) });
  const bearer = async (flaws = {}) => ({ authorization: `Bearer ${(await plantToken("alice", flaws)).secret}` });
  const alice = await cookie("alice");
  const nora = await cookie("nora");
  await shutOut("nora");
  brought = {
    ...{ anonymous: {}, "the owner": alice, "another person": await cookie("bob") },
    ...{ "a token": await bearer(), "an expired token": await bearer({ isExpired: true }) },
    "another site's page": { ...alice, origin: "http://evil.example" },
    "a token without the scope": await bearer({ scopes: scopes.filter((scope) => scope !== "terminals:write") }),
    "a disabled person's login": nora,
  };
});

// The table's own names.
const kinds = Object.keys(upgrades) as UpgradeKind[];

it("B8 every kind of upgrade is in the matrix", () => {
  expect(Object.keys(upgradeSamples).toSorted()).toEqual(kinds.toSorted());
});

const socketPaths = [
  "/",
  "/_next/hmr",
  "/_next/webpack-hmr",
  "/_next/hmr?page=/",
  "/_next/static/x",
  "/api/events",
  "/api/me",
  "/sessions",
  "/.berth/enter",
  "/nowhere",
];

describe.each(askers)("an upgrade as %s", (asker) => {
  it.each(kinds)(`B8 of %s as ${asker} is answered as it should be`, async (kind) => {
    const { host, path, answers } = upgradeSamples[kind];
    const headers = { origin: `http://${host(ids)}`, ...brought[asker] };
    expect((await upgrade(path(ids), { host: host(ids), headers })).status).toBe(answers[asker]);
  });

  it.each(socketPaths)(`B8 of the portal's %s as ${asker} is refused`, async (path) => {
    const reply = await upgrade(path, { headers: { origin: siteUnderTest().url, ...brought[asker] } });
    expect(reply.status).toBe(404);
    expect(frameable(reply)).toEqual([]);
  });

  it.each(socketPaths)(`B8 of an app's %s as ${asker} is refused`, async (path) => {
    const host = appHost(ids.session);
    // The portal's own cookie and tokens open nothing there: only the app's cookie does.
    const reply = await upgrade(path, { host, headers: { origin: `http://${host}`, ...brought[asker] } });
    expect(reply.status).toBe(upgradeSamples.app.answers[asker]);
  });
});
