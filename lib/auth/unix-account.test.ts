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

const refusals = (actor: PersonActor) =>
  db().event.findMany({ where: { action: "account.refused", subjectId: actor.userId } });

describe("by a claim", () => {
  it("is asked of the cluster as that account, once, and then fixed", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    const run = running({ alice: 1001 });
    expect(await unixAccountFor(actor, cluster, run)).toEqual({ account: "alice" });
    expect(await unixAccountFor(actor, cluster, run)).toEqual({ account: "alice" });
    expect(run).toHaveBeenCalledTimes(1);
    expect(run).toHaveBeenCalledWith(["id", "-u", "alice"], expect.objectContaining({ user: "alice" }));
    expect(await db().unixAccount.findFirst({ where: { userId: actor.userId, cluster } })).toMatchObject({ uid: 1001 });
  });

  it("stays when the claim changes later", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    await unixAccountFor(actor, cluster, running({ alice: 1001 }));
    const renamed = await person("alice", { preferred_username: "bob" });
    expect(renamed.userId).toBe(actor.userId);
    expect(await unixAccountFor(renamed, cluster, running({ bob: 1002 }))).toEqual({ account: "alice" });
  });

  it("is refused to another subject with the same claim, and on record once", async () => {
    await unixAccountFor(await person("alice", { preferred_username: "alice" }), cluster, running({ alice: 1001 }));
    const thief = await person("thief", { preferred_username: "alice" });
    const run = running({ alice: 1001 });
    const answer = await unixAccountFor(thief, cluster, run);
    expect(answer).toEqual({
      missing:
        "You cannot use Big Iron yet: the account alice cannot be yours because another person has it. Ask the help desk.",
    });
    await unixAccountFor(thief, cluster, run);
    expect(run).not.toHaveBeenCalled();
    expect(await refusals(thief)).toHaveLength(1);
  });

  it("is refused to the same subject of another provider", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    await db().user.update({ where: { id: actor.userId }, data: { issuer: "https://former.example" } });
    expect(await unixAccountFor(actor, cluster, running({ alice: 1001 }))).toHaveProperty("missing");
  });

  it("goes to one of two who come at the same time", async () => {
    const [one, two] = [
      await person("one", { preferred_username: "alice" }),
      await person("two", { preferred_username: "alice" }),
    ];
    const run = running({ alice: 1001 });
    const answers = await Promise.all([unixAccountFor(one, cluster, run), unixAccountFor(two, cluster, run)]);
    expect(answers.filter((answer) => "account" in answer)).toHaveLength(1);
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(1);
  });

  it("is given to all of one person's requests at the same time", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    const run = running({ alice: 1001 });
    const answers = await Promise.all([1, 2, 3].map(() => unixAccountFor(actor, cluster, run)));
    expect(answers).toEqual([{ account: "alice" }, { account: "alice" }, { account: "alice" }]);
  });

  it.each(["root", "slurm", "munge", "nobody", "berth-poll"])("is never %s", async (account) => {
    const actor = await person("mallory", { preferred_username: account });
    const run = running({ [account]: 1000 });
    expect(await unixAccountFor(actor, cluster, run)).toHaveProperty("missing");
    expect(run).not.toHaveBeenCalled();
    expect(await refusals(actor)).toHaveLength(1);
  });

  it.each(["../x", "a b", "-x", "Alice", "alice\n", "ali;ce", "x".repeat(33), ""])("is never %j", async (account) => {
    const actor = await person("mallory", { preferred_username: account });
    const run = running({ [account]: 1001 });
    expect(await unixAccountFor(actor, cluster, run)).toHaveProperty("missing");
    expect(run).not.toHaveBeenCalled();
    expect(await refusals(actor)).toHaveLength(account ? 1 : 0);
  });

  it("is not a system account by uid", async () => {
    const actor = await person("mallory", { preferred_username: "daemonish" });
    expect(await unixAccountFor(actor, cluster, running({ daemonish: 999 }))).toHaveProperty("missing");
    expect(await refusals(actor)).toHaveLength(1);
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(0);
  });

  it("needs the pattern to fit the whole of it", async () => {
    configure({ from: "claim", claim: "eppn", pattern: "([a-z]+)@uni[.]example" });
    const run = running({ alice: 1001 });
    const evil = await person("evil", { eppn: "alice@uni.example.evil.example" });
    expect(await unixAccountFor(evil, cluster, run)).toHaveProperty("missing");
    const alice = await person("alice", { eppn: "alice@uni.example" });
    expect(await unixAccountFor(alice, cluster, run)).toEqual({ account: "alice" });
  });

  it("missing is said, with whom to ask", async () => {
    const actor = await person("newcomer", { preferred_username: undefined });
    const answer = await unixAccountFor(actor, cluster, running({}));
    expect(answer).toEqual({
      missing: 'You cannot use Big Iron yet: your sign-on says nothing under "preferred_username". Ask the help desk.',
    });
  });

  it("that the cluster does not know is said, not thrown", async () => {
    const actor = await person("newcomer", { preferred_username: "newcomer" });
    const answer = await unixAccountFor(actor, cluster, running({}));
    expect(answer).toEqual({
      missing: "You cannot use Big Iron yet: there is no account newcomer there. Ask the help desk.",
    });
    expect(await unixAccountFor(actor, cluster, running({ newcomer: 1009 }))).toEqual({ account: "newcomer" });
  });

  it("that sshd refuses is asked about of the service account", async () => {
    const refusing =
      (exists: boolean): Run =>
      async ([, , account], { user }) => {
        if (user === account) throw new PortalError("cluster", "Login node refused newcomer");
        return { code: exists ? 0 : 1, stdout: Buffer.from(exists ? "1009\n" : ""), stderr: Buffer.alloc(0) };
      };
    const actor = await person("newcomer", { preferred_username: "newcomer" });
    expect(await unixAccountFor(actor, cluster, refusing(false))).toHaveProperty("missing");
    await expect(unixAccountFor(actor, cluster, refusing(true))).rejects.toThrow("Login node refused newcomer");
  });

  it("of a daemon without a login is refused for its uid, which the service account tells", async () => {
    const actor = await person("mallory", { preferred_username: "daemonish" });
    const run: Run = async ([, , account], { user }) => {
      if (user === account) throw new PortalError("cluster", "Login node refused daemonish");
      return { code: 0, stdout: Buffer.from("42\n"), stderr: Buffer.alloc(0) };
    };
    const { missing } = (await unixAccountFor(actor, cluster, run)) as { missing: string }; // The next line says so.
    expect(missing).toContain("it is a system account");
    expect(await refusals(actor)).toHaveLength(1);
  });

  it("is not fixed while the cluster cannot be asked", async () => {
    const actor = await person("alice", { preferred_username: "alice" });
    const away: Run = async () => {
      throw new PortalError("cluster_timeout", "too slow");
    };
    await expect(unixAccountFor(actor, cluster, away)).rejects.toMatchObject({ code: "cluster_timeout" });
    expect(await db().unixAccount.count({ where: { cluster } })).toBe(0);
  });
});

describe("by a table", () => {
  it("follows the table, which only the site can change", async () => {
    const actor = await person("alice");
    configure({ from: "table", accounts: { [fresh("alice")]: "aa" } });
    expect(await unixAccountFor(actor, cluster, running({ aa: 1001 }))).toEqual({ account: "aa" });
    configure({ from: "table", accounts: { [fresh("alice")]: "ab" } });
    expect(await unixAccountFor(actor, cluster, running({ ab: 1002 }))).toEqual({ account: "ab" });
    configure({ from: "table", accounts: {} });
    expect(await unixAccountFor(actor, cluster, running({ ab: 1002 }))).toHaveProperty("missing");
  });

  it("does not find what every object has", async () => {
    configure({ from: "table", accounts: { somebody: "x" } });
    const { actor } = await signInPerson("constructor");
    expect(await unixAccountFor(actor, cluster, running({}))).toHaveProperty("missing");
  });
});

describe("without accounts of their own", () => {
  it("everybody is the portal's own account, unless that is root", async () => {
    configure({ from: "process" }, { scheduler: "local", ssh: undefined });
    const run = running({});
    const own = userInfo().username;
    for (const subject of ["alice", "bob"]) {
      const answer = await unixAccountFor(await person(subject), cluster, run);
      expect(answer).toEqual(
        own === "root" ? { missing: expect.stringContaining("must not run as root") } : { account: own },
      );
    }
    expect(run).not.toHaveBeenCalled();
  });

  it("a claim gives nobody the portal's account on a cluster reached without SSH", async () => {
    configure(byName, { ssh: undefined });
    const actor = await person("alice", { preferred_username: "alice" });
    expect(await unixAccountFor(actor, cluster, running({ alice: 1001 }))).toHaveProperty("missing");
  });
});
