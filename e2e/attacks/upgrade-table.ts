// The upgrades in the access matrix: each kind of lib/gateway/upgrades.ts as everybody who might ask. A new kind does not
// compile, and turns a row red, until its line is here.
import { appHost, portalHost } from "@/e2e/attacks/site";
import type { UpgradeKind } from "@/lib/gateway/upgrades";

/** What is alice's. */
export type UpgradeIds = { session: string; terminal: string };

/** Who asks: with a login or a token of the portal's, from the right page; the last from another one, with alice's login. */
export const askers = [
  ...["anonymous", "the owner", "another person", "a token", "an expired token"],
  ...["a token without the scope", "a disabled person's login"],
  "another site's page",
] as const;
export type Asker = (typeof askers)[number];

export type UpgradeSample = {
  host: (ids: UpgradeIds) => string;
  path: (ids: UpgradeIds) => string;
  answers: Record<Asker, number>;
};

/** The portal's logins and tokens open nothing there. */
const never = (status: number) => ({
  ...{ anonymous: status, "the owner": status, "another person": status, "a token": status },
  ...{ "an expired token": status, "another site's page": status },
  ...{ "a token without the scope": status, "a disabled person's login": status },
});

export const upgradeSamples: Record<UpgradeKind, UpgradeSample> = {
  app: {
    host: (ids) => appHost(ids.session),
    path: () => "/",
    answers: { ...never(401), "another site's page": 403 },
  },
  terminal: {
    host: portalHost,
    path: (ids) => `/api/terminals/${ids.terminal}/socket`,
    // Whose the terminal is decides with the first message: rows of C9 in terminal.attack.ts.
    answers: {
      ...{ anonymous: 401, "the owner": 101, "another person": 101, "a token": 101 },
      ...{ "an expired token": 401, "another site's page": 403 },
      ...{ "a token without the scope": 403, "a disabled person's login": 401 },
    },
  },
  development: { host: portalHost, path: () => "/_next/webpack-hmr", answers: never(404) },
};
