// npm run demo: the whole product on one machine, with demo people and either the one-machine engine or a real Slurm.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readHolder } from "@/lib/db/directory-lock";
import { type DemoCgroup, enterCgroup, prepareCgroup, removeCgroup } from "./demo/cgroup";
import { besideOthers, linkData } from "./demo/link";
import { ensureAccount, hasJupyter, installPackages, isDebian } from "./demo/machine";
import { type Demo, readOptions } from "./demo/options";
import { type Account, clientSecret, giveDirectory, makeDirectory, makeHome, makeOwnData } from "./demo/places";
import { holderOf, isFree, takenWords } from "./demo/ports";
import { nodeFlags, type Started, start, stop, untilAnswers } from "./demo/processes";
import { endPrograms, runProgram } from "./demo/programs";
import { StepFailed, step } from "./demo/progress";
import { buildIfNeeded, copyRelease } from "./demo/release";
import { portalEnvironment, readableCopy, secretFile, writeConfig } from "./demo/settings";

const isRoot = process.getuid?.() === 0;
const running: Started[] = [];
let cgroup: DemoCgroup | null = null;

async function prepareHome(home: string): Promise<Account> {
  const account = await ensureAccount(home);
  makeHome(home, account);
  return account;
}

/** Throws unless both ports are free. A portal on the same data is named in the words of the database's own lock. */
async function requireFreePorts({ port, idpPort, dataDir }: Demo): Promise<void> {
  for (const wanted of [port, idpPort]) {
    if (await isFree(wanted)) continue;
    const [listening, locking] = [holderOf(wanted), readHolder(dataDir)];
    if (locking && locking.pid === listening?.pid)
      throw new Error(
        `${dataDir} is in use by process ${locking.pid} since ${locking.startedAt}, serving ${locking.url}.`,
      );
    throw new Error(takenWords(wanted, listening));
  }
}

/** The demo is worth a look without it: its template says that it is missing, and what to do. */
async function installJupyter(): Promise<void> {
  const remedy = "Going on without: install jupyter-notebook yourself, and its template is there within five minutes.";
  const install = () => installPackages(["jupyter-notebook", "python3-ipykernel"]);
  await step("Jupyter from Debian's packages", remedy, install).catch((error: unknown) => {
    console.log(error instanceof Error ? error.message : String(error));
  });
}

async function prepare(demo: Demo): Promise<Account> {
  const { home } = demo;
  const account = home
    ? await step("account berth", "Create an account called berth and try again.", () => prepareHome(home))
    : null;
  if (isRoot && isDebian() && !hasJupyter()) await installJupyter();
  if (demo.slurm) {
    if (!isRoot || !isDebian())
      throw new StepFailed("--slurm needs root on Debian or Ubuntu: it starts a Slurm with people of its own.");
    await step(
      "Slurm, sshd, Lmod (cluster/up)",
      `Its logs are in ${demo.clusterDir}/log; cluster/status --dir ${demo.clusterDir} says what is down. For another --copy take another --port.`,
      () => runProgram("cluster/up", ["--dir", demo.clusterDir, "--copy", String(demo.copy)], { tell: "program" }),
    );
  }
  // Before the build: Next stops at a link that leads nowhere, as after somebody removed the data.
  await step("data and settings", "Choose another place with --data.", () => {
    if (!home || !account) makeOwnData(demo.dataDir);
    else for (const path of [demo.dataDir, join(home, "home")]) giveDirectory(path, account);
    linkData(demo);
    if (account && !demo.slurm) cgroup = prepareCgroup(`berth-${demo.port}`, account);
  });
  await step("production build", "The words above are the compiler's.", buildIfNeeded);
  if (home)
    await step(`release in ${demo.releaseDir}`, "Is there room on that disk?", () => copyRelease(demo.releaseDir));
  return account;
}

async function startIdentityProvider(demo: Demo, account: Account, secret: string): Promise<void> {
  const state = join(demo.dataDir, "idp");
  makeDirectory(state, account);
  const issuer = `http://localhost:${demo.idpPort}`;
  const args = [
    "dist/idp.mjs",
    "--port",
    String(demo.idpPort),
    "--issuer",
    issuer,
    "--client-id",
    "berth",
    "--client-secret-file",
    secret,
    "--redirect",
    `http://localhost:${demo.port}`,
    "--state",
    state,
    ...(demo.accounts ? ["--accounts", readableCopy(demo.dataDir, demo.accounts, account)] : []),
  ];
  const idp = start({
    name: "The identity provider",
    args,
    cwd: demo.releaseDir,
    env: { HOME: demo.dataDir, PORTAL_PARENT_WATCH: "1" },
    account,
    show: false,
  });
  running.push(idp);
  await untilAnswers(idp, `http://127.0.0.1:${demo.idpPort}/.well-known/openid-configuration`, 30);
}

async function startPortal(demo: Demo, account: Account, client: string): Promise<Started> {
  const secret = secretFile(demo.dataDir, "secret", account);
  const config = writeConfig(demo, account, cgroup?.path ?? null);
  const preload = process.env.PORTAL_KILL_AT ? ["--import", "./dev/kill-at.mjs"] : [];
  const env = portalEnvironment(demo, { secret, client, config });
  const portal = start({
    name: "The portal",
    args: [...nodeFlags, ...preload, "dist/server.mjs"],
    cwd: demo.releaseDir,
    env,
    account,
    show: false,
  });
  if (cgroup && portal.child.pid) enterCgroup(cgroup, portal.child.pid);
  running.push(portal);
  await untilAnswers(portal, `http://127.0.0.1:${demo.port}/api/health`, 60);
  return portal;
}

function memoryLine({ slurm }: Demo): string {
  if (slurm) return "";
  const alone = isRoot
    ? "by a look each second: no memory cgroup can be made"
    : "by a memory cgroup where this account may make one, else by a look each second";
  const how = cgroup ? `by a memory cgroup below ${cgroup.path}` : alone;
  return `  Memory       jobs are held to what they asked for ${how}\n`;
}

function announce(demo: Demo): void {
  const address = `http://localhost:${demo.port}`;
  console.log(`
Berth is on ${address}

  Sign in as   alice, bob   researchers
               carol        leads the project genomics
               admin        administrator
  API token    npm run --silent token -- alice${demo.data === resolve(".data") ? "" : ` --data ${demo.data}`}
  Engine       ${demo.slurm ? "a real Slurm on this machine" : "this machine, for trying out: people are not isolated from each other"}
${memoryLine(demo)}  Data         ${demo.dataDir}
  Stop         Ctrl-C; jobs go on, the next start finds them
${demo.slurm ? `  Cluster      stays up; cluster/down --dir ${demo.clusterDir} ends it\n` : ""}`);
}

let stopping = false;
async function end(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await endPrograms();
  for (const started of running.toReversed()) await stop(started, 15);
  if (cgroup) removeCgroup(cgroup);
  process.exit(code);
}

async function main(): Promise<void> {
  process.umask(0o022);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(0));
  // npm ends without passing its signal on: then our parent is gone.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && void end(0), 500).unref();
  const demo = besideOthers(readOptions(process.argv.slice(2), isRoot));
  const other = demo.port + 10;
  const remedy = `End it, or start one beside it: npm run demo -- --port ${other} --data .data-${other}`;
  const checkPorts = () => requireFreePorts(demo);
  // Before anything is touched that a portal on them may be using, and again after a build of minutes.
  await step(`ports ${demo.port} and ${demo.idpPort}`, remedy, checkPorts);
  const account = await prepare(demo);
  const portal = await step("identity provider and portal", "Mend that and start again.", async () => {
    await checkPorts();
    const client = secretFile(demo.dataDir, clientSecret, account);
    const both = [startPortal(demo, account, client), startIdentityProvider(demo, account, client)] as const;
    return (await Promise.all(both))[0];
  });
  announce(demo);
  for (const stream of [portal.child.stdout, portal.child.stderr]) stream?.pipe(process.stdout);
  for (const { name, child } of running) {
    child.on("exit", (code) => {
      if (!stopping) console.error(`${name} ended with ${code}.`);
      void end(1);
    });
  }
}

if (!existsSync("package.json")) throw new Error("Run this from the project's directory.");
await main().catch(async (error: unknown) => {
  console.error(
    `\n✗ ${error instanceof StepFailed ? error.message : error instanceof Error ? error.message : String(error)}`,
  );
  await end(1);
});
