// npm test: the landing tier on a fresh machine, everything that must hold before a change lands. `--all` adds what takes
// longer. Ends with one line "N passed, N failed"; exits 1 when anything failed or could not run.
import "./test/own-environment";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Plan } from "@/e2e/faults/plan";
import { installPackages, isDebian } from "./demo/machine";
import { attack } from "./test/attack";
import { injectFaults, share } from "./test/fault";
import { onInterrupt, stopWhenInterrupted } from "./test/interrupt";
import { clusterOf, dataOf, onCluster, type Portal, startDemo } from "./test/portals";
import { type Count, playwright, program, red, say, sayNow, together, vitest } from "./test/suites";

const all = process.argv.includes("--all");
/** The commit at which test:all was green last; committed with the next change. */
const lastGreen = "dev/test/last-green";
const total: Count = { passed: 0, failed: 0 };
/** Two copies of the tests run side by side on ports of their own. */
const embeddedPort = Number(process.env.BERTH_TEST_PORT ?? 3200);
const slurmPort = embeddedPort + 10;
const attackPort = embeddedPort + 20;
const faultPort = embeddedPort + 30;
const clusterPort = embeddedPort + 40;

async function suite(title: string, run: () => Promise<Count>): Promise<void> {
  const startedAt = performance.now();
  sayNow(`▸ ${title}\n`);
  say(`\n── ${title}\n`);
  const count = await run().catch((error: unknown) => {
    say(`${error instanceof Error ? error.message : String(error)}\n`);
    return { passed: 0, failed: 1 };
  });
  total.passed += count.passed;
  total.failed += count.failed;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  say(`── ${title}: ${count.passed} passed, ${count.failed} failed (${seconds} s)\n`);
}

/** Chromium and shellcheck; PostgreSQL and Slurm are installed by the scripts that start them. */
async function packages(): Promise<Count> {
  const missing = ["chromium", "chromium-headless-shell", "shellcheck"].filter(
    (name) => !existsSync(`/usr/bin/${name}`),
  );
  if (missing.length > 0) {
    if (!isDebian() || process.getuid?.() !== 0)
      throw new Error(`Install ${missing.join(" and ")}, then run this again.`);
    await installPackages(missing);
  }
  return { passed: 1, failed: 0 };
}

async function withPortal(
  title: string,
  start: () => Promise<Portal>,
  use: (portal: Portal) => Promise<void>,
): Promise<void> {
  let portal: Portal | null = null;
  await suite(`${title} starts`, async () => {
    portal = await start();
    return { passed: 1, failed: 0 };
  });
  // Assigned in the closure above, which the compiler does not follow.
  const started = portal as Portal | null;
  if (!started) return;
  const forget = onInterrupt(started.stop);
  try {
    await use(started);
  } finally {
    forget();
    await started.stop();
  }
}

const environment = ({ url, data }: Portal) => ({ BERTH_URL: url, BERTH_DATA: data });

/** As onCluster(); a cluster that does not start or stop is a suite that failed. */
function withCluster(port: number, work: () => Promise<void>): Promise<void> {
  return onCluster(port, work).catch(async (error: unknown) => {
    await suite(`the cluster of port ${port}`, () => Promise.reject(error));
  });
}

/** What needs a Slurm and no portal, on a cluster of its own: mostly waiting for the scheduler. */
function onlyCluster(): Promise<void> {
  const cluster = { BERTH_CLUSTER_JSON: `${clusterOf(clusterPort)}/cluster.json` };
  return withCluster(clusterPort, async () => {
    await suite("SSH, scheduler contract and jobs on the real Slurm", () => vitest("cluster", cluster));
    if (!all) return;
    await suite("files and the doctor on the real cluster", () => vitest("cluster-long", cluster));
    await suite("kill -9 between the steps of a session, on the real Slurm", () => vitest("kills", cluster));
  });
}

/** The demo on Slurm, with everything that is tried on it. The last of it needs the port of the one-machine demo, too. */
function demoOnSlurm(): Promise<void> {
  // Demos of its own, one after the other, on the same port and data.
  const killed = { BERTH_URL: `http://localhost:${slurmPort}`, BERTH_DATA: dataOf(slurmPort) };
  return withCluster(slurmPort, async () => {
    await withPortal(
      "the demo on Slurm",
      () => startDemo(slurmPort, { flags: ["--slurm"] }),
      async (portal) => {
        await suite("end to end in Chromium, on Slurm over sshd", () => playwright("slurm", environment(portal)));
        if (all) await suite("long journeys in Chromium, on Slurm", () => playwright("long", environment(portal)));
      },
    );
    if (all) await suite("kill -9 at every point and at random, signals", () => playwright("kill", killed));
  });
}

function attacks(): Promise<void> {
  const which = all ? "all, on both kinds of site" : "the quick part";
  return suite(`attacks on a site as in production: ${which}`, () =>
    onCluster(attackPort, () => attack(attackPort, { isQuick: !all })));
}

/** One round of the quick part; or ten of both with shortened waits, and one with those of docs/operations.md. */
function faults(): Promise<void> {
  const quick: Plan = { port: faultPort, first: 1, rounds: 1, waits: "short", which: "quick" };
  if (!all) return suite("faults of a site as in production: the quick part", () => injectFaults([[quick]]));
  const defaultsTake = 2;
  const lists = share({ ...quick, rounds: 10, which: "all" }, defaultsTake).map((plan) => [plan]);
  lists.at(-1)?.push({ ...quick, port: lists.at(-1)?.[0]?.port ?? faultPort, waits: "default", which: "all" });
  return suite("faults of a site as in production: ten rounds, and one with the default waits", () =>
    injectFaults(lists));
}

async function stores(): Promise<void> {
  await suite("stores on PGlite", () => vitest("pglite"));
  await suite("stores and sessions on PostgreSQL", () => vitest("pg"));
  if (all) await suite("sessions on PGlite", () => vitest("processes-pglite"));
}

/** What others wait for, as promises: how far onOneMachine() has come. */
type Milestones = Record<"portalIsUp" | "processesAreDone" | "storesAreDone", () => void>;

/**
 * What needs no cluster. Processes and stores are tried beside the browser, and not before the portal is there: its build
 * makes the database's client anew, which they load. Without a portal they are tried all the same.
 */
async function onOneMachine({ portalIsUp, processesAreDone, storesAreDone }: Milestones): Promise<void> {
  let beside: Promise<void> | null = null;
  const besides = () =>
    together(async () => {
      await suite("real processes: jobs, logins, sockets, kills", () => vitest("processes"));
      processesAreDone();
      await stores().finally(storesAreDone);
    });
  const use = async (portal: Portal) => {
    portalIsUp();
    beside = besides();
    await suite("end to end in Chromium, on the one-machine engine", () => playwright("embedded", environment(portal)));
    if (all) await suite("more of it in Chromium", () => playwright("embedded-rest", environment(portal)));
    await beside;
  };
  await withPortal("the demo on the one-machine engine", () => startDemo(embeddedPort), use);
  await (beside ?? besides());
}

/**
 * Side by side as far as two cores go: one thing more begins when another is done. The first cluster, which begins alone,
 * installs what all of them need; the attacks take longest. Of test:all no more than two go on at a time, and ten rounds of
 * faults, three at a time, are the last: what they wait for would come late.
 */
async function everySuite(): Promise<void> {
  const [portal, processes, others] = [1, 2, 3].map(() => Promise.withResolvers<void>());
  if (!portal || !processes || !others) throw new Error("There are three milestones.");
  const milestones: Milestones = {
    portalIsUp: portal.resolve,
    processesAreDone: processes.resolve,
    storesAreDone: others.resolve,
  };
  const machine = together(() => onOneMachine(milestones));
  await Promise.race([machine, portal.promise]);
  const cluster = together(onlyCluster);
  const after = async (earlier: Promise<unknown>, work: () => Promise<void>) => {
    await earlier;
    await together(work);
  };
  const attacked = after(all ? cluster : Promise.race([machine, processes.promise]), attacks);
  const onSlurm = after(all ? machine : Promise.race([machine, others.promise]), demoOnSlurm);
  const before = all ? Promise.all([attacked, onSlurm]) : Promise.race([machine, others.promise]);
  await Promise.all([machine, cluster, attacked, onSlurm, after(before, faults)]);
}

const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();

/** What is being tested: null when it is no commit, because files were changed since. */
function commit(): string | null {
  try {
    return git("status", "--porcelain") === "" ? git("rev-parse", "--short", "HEAD") : null;
  } catch {
    // No checkout of git's, or somebody else's.
    return null;
  }
}

async function main(): Promise<void> {
  stopWhenInterrupted();
  const tested = all ? commit() : null;
  await suite("packages of the tests", packages);
  await suite("guards, types, unit (npm run check)", () => program("tsx", ["dev/check.ts"]));
  // The builds that follow need not do it again.
  if (total.failed === 0) process.env.BERTH_TYPES_CHECKED = "1";
  await everySuite();
  if (all) await suite("the test cluster's own proofs", () => program("cluster/selftest", []));
  if (tested && total.failed === 0) writeFileSync(lastGreen, `${tested}\n`);
  if (!all) {
    const when = existsSync(lastGreen) ? `last green at ${readFileSync(lastGreen, "utf8").trim()}` : "never green yet";
    console.log(
      `\nLeft to npm run test:all: journeys of less traffic in Chromium (memory run over on this machine, replaced files, the trash, search, palette, themes, every page wide and dark and dialogs with axe, copying in a terminal), files in Chromium on Slurm, sessions, logins and the operator's socket on PGlite (on PostgreSQL they were run), archives, long operations and batches of files and the doctor on the real cluster, kill -9 of the whole demo at every point and of portals at random moments, signals, the deadline with a dead portal, uploads of gigabytes and of ten thousand files, the long attacks (host keys, double submits, tossed cookies and what a site refuses at its start among them) and all of them on plain localhost, ten rounds of every fault and one with the default waits, the test cluster's own proofs (${when}).`,
    );
  }
  if (red.length > 0) console.log(`\nNot green, or not at once:\n${red.map((line) => `- ${line}`).join("\n")}\n`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 ? 0 : 1);
}

await main();
