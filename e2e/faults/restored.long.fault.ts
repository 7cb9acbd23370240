// The database is restored from a backup that is older than some sessions: their jobs run, and no row knows of them.
import { execFile } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { api as paths } from "@/lib/paths";
import { openApp, ready, untilIn } from "./app";
import { fault, type Given } from "./fault";
import { useGround } from "./ground";
import { jobsInSlurm } from "./slurm";
import { until } from "./until";

const ground = useGround();
const run = promisify(execFile);

/** A program of the newest PostgreSQL that is installed. */
function program(name: string): string {
  const [newest] = readdirSync("/usr/lib/postgresql").toSorted((a, b) => Number(b) - Number(a));
  return join("/usr/lib/postgresql", newest ?? "", "bin", name);
}

/** As docs/operations.md tells: the portal is down, everything is replaced, the portal starts. */
async function restore({ site, inject }: Given, file: string): Promise<void> {
  await site.endPortal("SIGTERM");
  const psql = (...args: string[]) =>
    run(program("psql"), ["-q", "-v", "ON_ERROR_STOP=1", "-d", site.databaseUrl, ...args]);
  await psql("-c", "drop schema public cascade");
  await psql("-c", "create schema public");
  await psql("-f", file);
  await site.startPortal();
  inject("a backup of before two launches and a stop is restored");
}

fault(
  "F6 an old backup is restored: running jobs get their sessions back, nothing is cancelled",
  { seconds: 400, ground },
  async (given) => {
    const { site, api } = given;
    const [alice, bob] = [api("alice"), api("bob")];
    const old = await ready(alice);
    // Both have looked at the cluster once: that is when the portal notes a person's account there.
    await bob.must(paths.clusters());
    const file = join(site.data, "backup.sql");
    await run(program("pg_dump"), ["--clean", "--if-exists", "-f", file, site.databaseUrl]);
    try {
      const forgotten = await Promise.all([ready(alice, { name: "forgotten" }), ready(bob)]);
      await alice.stop(old.id);
      await untilIn(alice, old.id, "ended");
      await restore(given, file);
      for (const [index, session] of forgotten.entries()) {
        const owner = index === 0 ? alice : bob;
        await until(
          `session ${session.id} is back`,
          120,
          async () => (await owner.session(session.id)).state === "ready",
        );
        expect((await owner.session(session.id)).jobId).toBe(session.jobId);
        expect(await (await openApp(owner, session.id)).get()).toBe(200);
      }
      // The backup says that it is ready; its job has ended since.
      await untilIn(alice, old.id, "ended", 120);
      const running = jobsInSlurm().filter(({ isLive }) => isLive);
      expect(running.map(({ id }) => id).toSorted()).toEqual(forgotten.map(({ jobId }) => jobId).toSorted());
    } finally {
      rmSync(file, { force: true });
    }
  },
);
