// Five hundred signed-in people, written to the database as a sign-in would have left them, with real login cookies.
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type BenchSite, inDatabase } from "./site";

export type Viewer = { name: string; headers: Record<string, string> };

const nameOf = (index: number): string => `crowd${String(index).padStart(3, "0")}`;

const insertPeople = `
insert into "User" (id, issuer, subject, name, claims, roles, groups)
select 'crowd-user-' || n, $1, n, n, json_build_object('preferred_username', n), '{}', '{}' from unnest($2::text[]) n
on conflict do nothing`;

const insertAccounts = `
insert into "UnixAccount" ("userId", cluster, account, uid, holder)
select 'crowd-user-' || n, 'hpc', n, 60000, 'hpc/' || n from unnest($1::text[]) n on conflict do nothing`;

const insertLogins = `
insert into "Login" (id, "userId", "expiresAt")
select id, 'crowd-user-' || name, now() + interval '1 day' from unnest($1::text[], $2::text[]) as l(id, name)`;

/** Reads the portal's secret as it does itself: the environment of this process becomes that of the portal. */
async function cookieMaker(site: BenchSite): Promise<(loginId: string, userId: string) => Promise<string>> {
  process.env.PORTAL_DATA = site.data;
  process.env.PORTAL_CONFIG = site.configFile;
  process.env.PORTAL_SECRET_FILE = join(site.data, "secret");
  const { encode } = await import("next-auth/jwt");
  const { loginCookieName, loginSecret } = await import("@/lib/auth/cookies");
  return async (loginId, userId) =>
    `${loginCookieName()}=${await encode({ token: { sub: userId, lid: loginId }, secret: loginSecret() })}`;
}

/** An allocation, as people of a portal have: whoever has none is asked about in their own name. */
function admit(site: BenchSite, names: string[]): void {
  const env = { ...process.env, SLURM_CONF: join(site.clusterDir, "etc/slurm.conf") };
  // Exits with 1 where they are there already.
  spawnSync("sacctmgr", ["-i", "add", "user", names.join(","), "account=genomics"], { env, stdio: "ignore" });
  const known = execFileSync("sacctmgr", ["-n", "-P", "show", "assoc", "format=user"], { env, encoding: "utf8" });
  const missing = names.filter((name) => !known.split("\n").includes(name));
  if (missing.length > 0) throw new Error(`Slurm's accounting did not take ${missing.length} people of the crowd.`);
}

/** `count` people who signed in just now. */
export async function signedInCrowd(site: BenchSite, count: number): Promise<Viewer[]> {
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  admit(site, names);
  const logins = names.map(() => randomUUID());
  await inDatabase(site, insertPeople, [site.idpUrl, names]);
  await inDatabase(site, insertAccounts, [names]);
  await inDatabase(site, insertLogins, [logins, names]);
  const cookieOf = await cookieMaker(site);
  return Promise.all(
    names.map(async (name, index) => ({
      name,
      headers: { cookie: await cookieOf(logins[index] ?? "", `crowd-user-${name}`), "sec-fetch-site": "same-origin" },
    })),
  );
}
