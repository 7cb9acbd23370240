// B3: one account, one person; what is fixed stays fixed; what is never anybody's is refused and on record.
import { userInfo } from "node:os";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { signInPerson } from "@/dev/test-people";
import { oneCluster, useConfig } from "@/dev/test-portal";
import type { PersonActor } from "@/lib/actor";
import { unixAccountFor } from "@/lib/auth/unix-account";
import type { Run } from "@/lib/clusters/run";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";

let cluster = "";
let names = 0;
/** Names differ from test to test, since the database is shared. */
const fresh = (name: string) => `${name}${names}`;

useDatabase();

function configure(account: object, more: object = {}): void {
  useConfig({
    branding: { support: "the help desk" },
    clusters: [{ ...oneCluster, name: cluster, title: "Big Iron", account, ...more }],
  });
}

const byName = { from: "claim", claim: "preferred_username" };

beforeAll(() => useConfig({}));
beforeEach(() => {
  names += 1;
  cluster = `cluster-${names}`;
  forgetOnce("auth.refused");
  configure(byName);
});

/** A cluster on which these accounts have these uids. */
function running(uids: Record<string, number>) {
  return vi.fn<Run>(async ([, , account = ""]) => {
    const uid = uids[account];
    const words = uid === undefined ? "" : `${uid}\n`;
    return { code: uid === undefined ? 1 : 0, stdout: Buffer.from(words), stderr: Buffer.from("no such user") };
  });
}

const person = async (subject: string, claims: object = {}): Promise<PersonActor> =>
  (await signInPerson(fresh(subject), { ...claims })).actor;

const accountOf = (actor: PersonActor, name: string, run: Run) => unixAccountFor(actor, name, { run });

const refusals = (actor: PersonActor) =>
  db().event.findMany({ where: { action: "account.refused", subjectId: actor.userId } });

describe("by a claim", () => {
  it("is asked of the cluster as the service account and as that account, once, and then fixed", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    const run = running({ alice: 1001 });
    expect(await accountOf(actor, cluster, run)).toEqual({ account: "alice" });
    expect(await accountOf(actor, cluster, run)).toEqual({ account: "alice" });
    expect(run.mock.calls.map(([argv, { user }]) => [...argv, user])).toEqual([
      ["id", "-u", "alice", "berth-poll"],
      ["id", "-u", "alice", "alice"],
    ]);
    expect(await db().unixAccount.findFirst({ where: { userId: actor.userId, cluster } })).toMatchObject({ uid: 1001 });
  });

  it("stays when the claim changes later", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    await accountOf(actor, cluster, running({ alice: 1001 }));
    const renamed = await person("alice", { preferred_username: "bob" });
    expect(renamed.userId).toBe(actor.userId);
    expect(await accountOf(renamed, cluster, running({ bob: 1002 }))).toEqual({ account: "alice" });
  });

  it("is refused to another subject with the same claim, and on record once", async () => {
    await accountOf(await person("alice", { preferred_username: "alice" }), cluster, running({ alice: 1001 }));
    const thief = await person("thief", { preferred_username: "alice" });
    const run = running({ alice: 1001 });
    const answer = await accountOf(thief, cluster, run);
    expect(answer).toEqual({
      missing:
        "You cannot use Big Iron yet: the account alice cannot be yours because another person has it. Ask the help desk.",
    });
    await accountOf(thief, cluster, run);
    expect(run).not.toHaveBeenCalled();
    expect(await refusals(thief)).toHaveLength(1);
  });

  it("is refused to the same subject of another provider", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    await db().user.update({ where: { id: actor.userId }, data: { issuer: "https://former.example" } });
    expect(await accountOf(actor, cluster, running({ alice: 1001 }))).toHaveProperty("missing");
  });

  it("goes to one of two who come at the same time", async () => {
    const [one, two] = [
      await person("one", { preferred_username: "alice" }),
      await person("two", { preferred_username: "alice" }),
    ];
    const run = running({ alice: 1001 });
    const answers = await Promise.all([accountOf(one, cluster, run), accountOf(two, cluster, run)]);
    expect(answers.filter((answer) => "account" in answer)).toHaveLength(1);
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(1);
  });

  it("is given to all of one person's requests at the same time", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    const run = running({ alice: 1001 });
    const answers = await Promise.all([1, 2, 3].map(() => accountOf(actor, cluster, run)));
    expect(answers).toEqual([{ account: "alice" }, { account: "alice" }, { account: "alice" }]);
  });

  it.each(["root", "slurm", "munge", "nobody", "berth-poll"])("is never %s", async (account) => {
    const actor = await person("mallory", { preferred_username: account });
    const run = running({ [account]: 1000 });
    expect(await accountOf(actor, cluster, run)).toHaveProperty("missing");
    expect(run).not.toHaveBeenCalled();
    expect(await refusals(actor)).toHaveLength(1);
  });

  it.each(["../x", "a b", "-x", "Alice", "alice\n", "ali;ce", "x".repeat(33), ""])("is never %j", async (account) => {
    const actor = await person("mallory", { preferred_username: account });
    const run = running({ [account]: 1001 });
    expect(await accountOf(actor, cluster, run)).toHaveProperty("missing");
    expect(run).not.toHaveBeenCalled();
    expect(await refusals(actor)).toHaveLength(account ? 1 : 0);
  });

  it("is not a system account by uid", async () => {
    const actor = await person("mallory", { preferred_username: "daemonish" });
    expect(await accountOf(actor, cluster, running({ daemonish: 999 }))).toHaveProperty("missing");
    expect(await refusals(actor)).toHaveLength(1);
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(0);
  });

  it("needs the pattern to fit the whole of it", async () => {
    configure({ from: "claim", claim: "eppn", pattern: "([a-z]+)@uni[.]example" });
    const run = running({ alice: 1001 });
    const evil = await person("evil", { eppn: "alice@uni.example.evil.example" });
    expect(await accountOf(evil, cluster, run)).toHaveProperty("missing");
    const alice = await person("alice", { eppn: "alice@uni.example" });
    expect(await accountOf(alice, cluster, run)).toEqual({ account: "alice" });
  });

  it("missing is said, with whom to ask", async () => {
    const actor = await person("newcomer", { preferred_username: undefined });
    const answer = await accountOf(actor, cluster, running({}));
    expect(answer).toEqual({
      missing:
        'You cannot use Big Iron yet: your sign-on says nothing, or several things, under "preferred_username"; if that is new, sign out and in again. Ask the help desk.',
    });
  });

  it("that the cluster does not know is said, not thrown", async () => {
    const actor = await person("newcomer", { preferred_username: "newcomer" });
    const answer = await accountOf(actor, cluster, running({}));
    expect(answer).toEqual({
      missing: "You cannot use Big Iron yet: there is no account newcomer there. Ask the help desk.",
    });
    expect(await accountOf(actor, cluster, running({ newcomer: 1009 }))).toEqual({ account: "newcomer" });
  });

  it("that there is not, or that is a daemon's, is never logged in as: each try would count as a failed login", async () => {
    const run = running({ daemonish: 42 });
    for (const name of ["newcomer", "daemonish"]) {
      const actor = await person(name, { preferred_username: name });
      expect(await accountOf(actor, cluster, run)).toHaveProperty("missing");
    }
    expect(run.mock.calls.map(([, { user }]) => user)).toEqual(["berth-poll", "berth-poll"]);
  });

  it("is not fixed while the cluster cannot be asked", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    const away: Run = async () => {
      throw new PortalError("cluster_timeout", "too slow");
    };
    await expect(accountOf(actor, cluster, away)).rejects.toMatchObject({ code: "cluster_timeout" });
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(0);
  });
});

describe("by a table", () => {
  it("follows the table, which only the site can change", async () => {
    const actor = await person("alice");
    configure({ from: "table", accounts: { [fresh("alice")]: "aa" } });
    expect(await accountOf(actor, cluster, running({ aa: 1001 }))).toEqual({ account: "aa" });
    configure({ from: "table", accounts: { [fresh("alice")]: "ab" } });
    expect(await accountOf(actor, cluster, running({ ab: 1002 }))).toEqual({ account: "ab" });
    configure({ from: "table", accounts: {} });
    expect(await accountOf(actor, cluster, running({ ab: 1002 }))).toHaveProperty("missing");
  });

  it("does not find what every object has", async () => {
    configure({ from: "table", accounts: { somebody: "x" } });
    const { actor } = await signInPerson("constructor");
    expect(await accountOf(actor, cluster, running({}))).toHaveProperty("missing");
  });
});

describe("without accounts of their own", () => {
  it("everybody is the portal's own account, unless that is root", async () => {
    configure({ from: "process" }, { scheduler: "local", ssh: undefined });
    const run = running({});
    const own = userInfo().username;
    for (const subject of ["alice", "bob"]) {
      const answer = await accountOf(await person(subject), cluster, run);
      expect(answer).toEqual(
        own === "root" ? { missing: expect.stringContaining("must not run as root") } : { account: own },
      );
    }
    expect(run).not.toHaveBeenCalled();
  });

  it("a claim gives nobody the portal's account on a cluster reached without SSH", async () => {
    configure(byName, { ssh: undefined });
    const actor = await person("alice", { preferred_username: "alice" });
    expect(await accountOf(actor, cluster, running({ alice: 1001 }))).toHaveProperty("missing");
  });
});
