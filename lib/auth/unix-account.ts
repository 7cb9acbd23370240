// Which Unix account a person is on a cluster. Decided once, at first use, and then fixed: neither a changed claim nor
// somebody else with the same claim can move it. The person is (issuer, subject); the account has one holder.
import type { PersonActor } from "@/lib/actor";
import { recordEvent } from "@/lib/audit/record-event";
import { accountByRule, refusedName } from "@/lib/auth/account-name";
import { askUnlessRefused } from "@/lib/auth/refused-logins";
import { issuerSpellings } from "@/lib/auth/rules";
import {
  findHolder,
  findUnixAccount,
  putUnixAccount,
  readUser,
  type UnixAccountRow,
  type UserRow,
} from "@/lib/auth/store";
import type { Run } from "@/lib/clusters/run";
import { type ClusterConfig, clusterConfig, config } from "@/lib/config";
import { db, isUniqueViolation, transaction } from "@/lib/db";
import { isAccountRefused, isPortalError, PortalError } from "@/lib/errors";
import { once } from "@/lib/once";

const LOWEST_UID = 1000;
const ASK_SECONDS = 10;
/** A uid and what may be said beside it. */
const ASK_BYTES = 4096;
const AUDIT_AGAIN_MS = 3_600_000;

/** `missing` is a sentence for the person: which step is missing, and whom to ask. */
export type FoundAccount = { account: string } | { missing: string };

/** `run` reaches the cluster; `again`: the person asks for another try, where the login nodes did not let them in. */
type How = { run: Run; again?: boolean };
type Case = { actor: PersonActor; user: UserRow; cluster: ClusterConfig; run: Run; again: boolean };

const titleOf = (cluster: ClusterConfig): string => cluster.title ?? cluster.name;

function missing(cluster: ClusterConfig, sentence: string): { missing: string } {
  return { missing: `You cannot use ${titleOf(cluster)} yet: ${sentence}. Ask ${config().branding.support}.` };
}

/** A refusal is audited once an hour: the pages ask again and again. */
async function recordRefusal({ actor, cluster }: Case, account: string, reason: string): Promise<void> {
  const told = once("auth.refused-accounts", () => new Map<string, number>());
  const key = JSON.stringify([actor.userId, cluster.name, account, reason]);
  if (Date.now() - (told.get(key) ?? Number.NEGATIVE_INFINITY) <= AUDIT_AGAIN_MS) return;
  const subject = { kind: "user", id: actor.userId };
  const data = { cluster: cluster.name, account, reason };
  await transaction((tx) =>
    recordEvent(tx, { actor, action: "account.refused", subject, ownerId: actor.userId, data }),
  );
  // Only now: what could not be recorded must be the next time.
  if (told.size > 10_000) told.clear();
  told.set(key, Date.now());
}

async function refuse(given: Case, account: string, reason: string): Promise<{ missing: string }> {
  await recordRefusal(given, account, reason);
  return missing(given.cluster, `the account ${account} cannot be yours because ${reason}`);
}

/** Personal accounts have one holder; the one account of a one-machine engine is everybody's. */
function holderOf({ cluster, user }: Case, account: string): string {
  const personal = `${cluster.name}/${account}`;
  return cluster.account.from === "process" ? `${personal}/${user.id}` : personal;
}

/** The fixed account, unless portal.yaml itself has changed its mind: another kind of rule, or another line in its table. */
function stillStands(given: Case, row: UnixAccountRow): boolean {
  if (row.holder !== holderOf(given, row.account) || refusedName(row.account, given.cluster)) return false;
  if (given.cluster.account.from === "claim") return true;
  const named = accountByRule(given.cluster, personOf(given.user));
  return "account" in named && named.account === row.account;
}

function personOf(user: UserRow) {
  // Written by claims.ts alone, as names and texts.
  return { subject: user.subject, claims: (user.claims ?? {}) as Record<string, string> };
}

async function askUid({ cluster, run, again }: Case, account: string, login: string): Promise<number | null> {
  const argv = ["id", "-u", account];
  const asked = { cluster: cluster.name, login, question: account, again };
  const options = { user: login, timeoutSeconds: ASK_SECONDS, maxBytes: ASK_BYTES };
  const answer = await askUnlessRefused(asked, () => run(argv, options));
  const words = Buffer.from(answer.stdout).toString("utf8").trim();
  if (answer.code !== 0) return null;
  if (/^\d{1,10}$/.test(words)) return Number(words);
  throw new PortalError("cluster", `${titleOf(cluster)} did not say which uid ${account} has.`, { words });
}

/** Asked as the service account; undefined where that one cannot tell, which is nothing against the person. */
async function uidByPoller(given: Case, account: string): Promise<number | null | undefined> {
  try {
    return await askUid(given, account, given.cluster.poller);
  } catch (error) {
    if (isPortalError(error) && (error.code === "cluster" || error.code === "cluster_timeout")) return undefined;
    throw error;
  }
}

/**
 * The uid of an account, null where there is none. Only what exists and is a person's is logged in as: whether the login nodes
 * let it in can be told in no other way, and each login that fails counts against the portal.
 */
async function uidOf(given: Case, account: string): Promise<number | null | "not let in"> {
  const told = await uidByPoller(given, account);
  if (told === null || (told !== undefined && told < LOWEST_UID)) return told;
  try {
    return await askUid(given, account, account);
  } catch (error) {
    // Where the service account is refused as well it is not this person: an authority, a clock.
    if (isAccountRefused(error) && told !== undefined) return "not let in";
    throw error;
  }
}

async function fix(given: Case, account: string, uid: number | null): Promise<FoundAccount> {
  const { actor, user, cluster } = given;
  const row = { userId: user.id, cluster: cluster.name, account, uid, holder: holderOf(given, account) };
  try {
    await transaction(async (tx) => {
      await putUnixAccount(tx, row);
      const data = { cluster: cluster.name, account, uid };
      const subject = { kind: "user", id: user.id };
      await recordEvent(tx, { actor, action: "account.fixed", subject, ownerId: user.id, data });
    });
    return { account };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // Either somebody else was quicker, or another request of this very person was.
    const holder = await findHolder(db(), row.holder);
    return holder?.userId === user.id ? { account } : refuse(given, account, "another person has it");
  }
}

async function decide(given: Case): Promise<FoundAccount> {
  const { cluster, user } = given;
  const named = accountByRule(cluster, personOf(user));
  if ("lacks" in named) {
    // A name such as ../x is no mistake of a person's: their provider let somebody choose it.
    if (named.claimed) await recordRefusal(given, named.claimed.slice(0, 200), "it is not a name of an account");
    return missing(cluster, named.lacks);
  }
  const { account } = named;
  const reason = refusedName(account, cluster);
  if (reason) return refuse(given, account, reason);
  const holder = await findHolder(db(), holderOf(given, account));
  if (holder && holder.userId !== user.id) return refuse(given, account, "another person has it");
  if (cluster.account.from === "process") return fix(given, account, process.getuid?.() ?? null);
  const uid = await uidOf(given, account);
  if (uid === null) return missing(cluster, `there is no account ${account} there`);
  if (uid === "not let in") return missing(cluster, `its login nodes do not let the account ${account} in`);
  if (uid < LOWEST_UID) return refuse(given, account, "it is a system account");
  return fix(given, account, uid);
}

/**
 * The actor's account on a cluster, or what is missing. The first time, the cluster is asked for its uid through `run`;
 * throws what `run` throws when it cannot be asked, and then nothing is fixed.
 */
export async function unixAccountFor(actor: PersonActor, clusterName: string, how: How): Promise<FoundAccount> {
  const cluster = clusterConfig(clusterName);
  const user = await readUser(db(), actor.userId);
  if (!issuerSpellings(config().signIn.issuer).includes(user.issuer))
    return missing(cluster, "you signed in with another provider than today's");
  const given = { actor, user, cluster, run: how.run, again: how.again ?? false };
  const known = await findUnixAccount(db(), user.id, cluster.name);
  return known && stillStands(given, known) ? { account: known.account } : decide(given);
}
