// For tests of verbs and the reconciler: a portal.yaml, people and a cluster whose scheduler is the in-memory one. The
// reach is this machine's, so session files are real files in a directory of the test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { stringify } from "yaml";
import type { PersonActor } from "@/lib/actor";
import { scopes } from "@/lib/auth/schema";
import { localReach } from "@/lib/clusters/local";
import type { Run } from "@/lib/clusters/run";
import { clusterConfig } from "@/lib/config";
import { db } from "@/lib/db";
import { once } from "@/lib/once";
import { newMemory, tick } from "@/lib/reconciler/tick";
import { type FakeScheduler, fake } from "@/lib/scheduler/fake";
import type { ResourceRequest } from "@/lib/sessions/schema";

const issuer = "https://id.example.org";
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMOt603NiVFSLDkXCacYHSG6d9/3OG8ntR6DBTr7l6M";

const settings = {
  url: "http://localhost:3000",
  appsHosts: "*.apps.localhost:3000",
  signIn: { issuer, clientId: "berth" },
  clusters: [
    {
      name: "hpc",
      scheduler: "slurm",
      ssh: { hosts: [{ host: "login.example.org" }], hostKeys: [hostKey], ca: { keyFile: "/none" } },
      account: { from: "claim", claim: "preferred_username" },
      nodeNetworks: ["127.0.0.0/8"],
    },
  ],
  limits: [
    { who: "person:quinn", sessions: 1, minutes: 600 },
    { who: "person:lena", minutes: 40 },
  ],
  waits: {
    lookApartSeconds: 0.2,
    absenceSeconds: 0.3,
    busyPollSeconds: 0.05,
    quietPollSeconds: 0.2,
    startWatchSeconds: 0,
    cleanRetrySeconds: 0.1,
  },
};

/** `id -u` of the test's people, who have no account on this machine; everything else really runs. */
const run: Run = async (argv, options) =>
  argv[0] === "id"
    ? { code: 0, stdout: new TextEncoder().encode("1234\n"), stderr: new Uint8Array() }
    : localReach().run(argv, options);

export type TestCluster = { scheduler: FakeScheduler };

/** Prepares portal.yaml and the cluster `hpc` before the tests of a file. Call after useDatabase(). */
export function useFakeCluster(): TestCluster {
  const made: TestCluster = { scheduler: fake(() => new Date(), { cpus: 200 }) };
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "berth-config-"));
    const file = join(directory, "portal.yaml");
    // What sessions' directories are in is there, as on a cluster where a job has started.
    const sessionPath = join(directory, "sessions");
    mkdirSync(sessionPath);
    const clusters = settings.clusters.map((entry) => ({ ...entry, sessionPath }));
    writeFileSync(file, stringify({ ...settings, clusters }), { mode: 0o600 });
    process.env.PORTAL_CONFIG = file;
    process.env.PORTAL_SECRET = "kT9mQ2vX7bLwR4nZc8pFdH3sJ6gYtU5e";
    const reach = { ...localReach(), run };
    once("cluster:hpc", () => ({ config: clusterConfig("hpc"), reach, scheduler: made.scheduler }));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return made;
}

/** A person with a Unix account of the same name. */
export async function person(name: string): Promise<PersonActor> {
  const row = { id: `user-${name}`, issuer, subject: name, name, claims: { preferred_username: name } };
  await db().user.upsert({ where: { id: row.id }, create: row, update: {} });
  return { kind: "user", userId: row.id, name, roles: [], groups: [], via: "login", scopes };
}

export const request = (change: Partial<ResourceRequest> = {}): ResourceRequest => ({
  template: "jupyter",
  cluster: "hpc",
  cpus: 1,
  memoryGiB: 1,
  minutes: 30,
  ...change,
});

/** Lets the reconciler look until `done`. Throws when that takes longer than 15 s. */
export async function look(done: () => Promise<boolean>, memory = newMemory()): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error("still not so after 15 s");
    await tick("hpc", memory);
    await Promise.all(memory.working.values());
  }
}
