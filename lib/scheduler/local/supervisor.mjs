// @ts-check
// The one process that looks after one running job: node supervisor.mjs <state directory> <job id>. Detached from
// whoever started it, it holds the job to its limits and records its end, so nothing else needs to be alive.
// Signals: SIGUSR2 to look at job.json now; SIGTERM to end the job, as at a shutdown.
import { setTimeout as delay } from "node:timers/promises";
import { withLock } from "./engine/lock.mjs";
import { needsRun, register, runQueue } from "./engine/queue.mjs";
import { loadJobs, readMachine, recordEnd } from "./engine/records.mjs";
import { runJob } from "./engine/run-job.mjs";

const NEIGHBOURS_MILLISECONDS = 15_000;
const END_TRIES = 600;

/** Sleep that a signal cuts short. Installed before anything else, because SIGUSR2 would otherwise end us. */
function makeAlarm() {
  let asked = false;
  let wake = () => {};
  process.on("SIGUSR2", () => wake());
  process.on("SIGTERM", () => {
    asked = true;
    wake();
  });
  for (const signal of ["SIGHUP", "SIGINT"]) process.on(signal, () => undefined);
  return {
    endAsked: () => asked,
    /** @param {number} milliseconds @returns {Promise<void>} */
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}

/**
 * A full disk must not turn a finished job into a lost one: the end is written as soon as there is room.
 * @param {string} stateDir
 * @param {import("./engine/records.mjs").StoredJob} job
 * @param {Parameters<typeof recordEnd>[2]} end
 */
async function writeEnd(stateDir, job, end) {
  for (let tries = 1; ; tries += 1) {
    try {
      return recordEnd(stateDir, job, { endedAt: new Date().toISOString(), ...end });
    } catch (error) {
      if (tries === END_TRIES) throw error;
      await delay(1000);
    }
  }
}

/**
 * Looks now and then after the others: a neighbour killed with the portal dead would otherwise not be noticed.
 * @param {string} stateDir
 */
function watchNeighbours(stateDir) {
  const look = () => {
    if (needsRun(loadJobs(stateDir), readMachine(stateDir))) runQueue(stateDir).catch(() => undefined);
  };
  return setInterval(look, NEIGHBOURS_MILLISECONDS);
}

/**
 * @param {string} stateDir
 * @param {string} id
 */
async function supervise(stateDir, id) {
  process.umask(0o077);
  const alarm = makeAlarm();
  const job = await withLock(stateDir, () => register(stateDir, id), { waitSeconds: 120 });
  if (!job) return;
  const neighbours = watchNeighbours(stateDir);
  const end = await runJob({ stateDir, job, alarm }).catch((error) => {
    console.error(error);
    return { end: /** @type {const} */ ("failed"), words: `could not be started: ${error.message}` };
  });
  clearInterval(neighbours);
  await writeEnd(stateDir, job, end);
  await runQueue(stateDir);
}

const [stateDir, id] = process.argv.slice(2);
if (!stateDir || !id) throw new Error("usage: supervisor.mjs <state directory> <job id>");
await supervise(stateDir, id);
process.exit(0);
