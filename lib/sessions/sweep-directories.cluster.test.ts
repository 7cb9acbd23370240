// Directories of ended sessions over the real sshd: removed as their owner, and only what is the owner's.
import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request } from "@/dev/test-sessions";
import { useSlurm } from "@/dev/test-slurm";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { sweepDirectories } from "@/lib/reconciler/sweep-directories";
import { shell } from "@/lib/scheduler/contract-cluster";
import { createSession } from "@/lib/sessions/create-session";
import { tagOf } from "@/lib/templates/to-job-spec";

useDatabase();
let directory = "";
let foreign = "";
beforeAll(async () => {
  directory = useSlurm("~/berth-sweep-test");
  foreign = await as("bob", "mktemp -d /tmp/berth-sweep-XXXXXX");
});
const as = (user: string, script: string) => shell(cluster("hpc").reach.run, user, script);
afterAll(async () => {
  await as("alice", "rm -rf ~/berth-sweep-test");
  await as("bob", `rm -rf ${foreign}`);
  await cluster("hpc").reach.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A session of alice that waited, was cancelled and ended three weeks ago. */
async function ended(key: string, change: object = {}) {
  const made = await createSession(
    await person("alice"),
    request({ template: "web-folder", partition: "closed" }),
    key,
  );
  await as("alice", `scancel ${made.jobId}`);
  const cleanedAt = new Date(Date.now() - 21 * 86_400_000);
  await db().session.update({ where: { id: made.id }, data: { state: "ended", cleanedAt, ...change } });
  return made;
}

it("the owner's own goes", async () => {
  const { id, directory: own } = await ended("own");
  expect(await as("alice", `cat ${own}/tag`)).toBe(tagOf(id));
  await sweepDirectories("hpc", new Date());
  expect(await as("alice", `ls -d ${own} 2>&1 || true`)).toContain("No such file");
  expect((await db().session.findUniqueOrThrow({ where: { id } })).directory).toBeNull();
});

it("another person's stays, also where everybody may write", async () => {
  const { id } = await ended("foreign");
  const theirs = `${foreign}/${id}`;
  await as(
    "bob",
    `chmod 777 ${foreign}; mkdir -m 777 ${theirs}; printf ${tagOf(id)} >${theirs}/tag; touch ${theirs}/kept`,
  );
  await db().session.update({ where: { id }, data: { directory: theirs } });
  await sweepDirectories("hpc", new Date());
  expect(await as("bob", `ls ${theirs}`)).toBe("kept\ntag");
  expect((await db().session.findUniqueOrThrow({ where: { id } })).cleanTries).toBe(1);
});
