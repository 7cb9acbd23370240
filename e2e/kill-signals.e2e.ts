// Signals as people and machines send them, on the one-machine engine: Ctrl-C, SIGTERM and SIGKILL to npm, a second portal.
import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { dataOf, type Portal, startDemo } from "@/dev/test/portals";
import { apiOf, smallFolder, untilState } from "@/e2e/api";
import { processesOf } from "@/e2e/machine";
import { api as paths } from "@/lib/paths";

const port = Number(process.env.BERTH_TEST_PORT ?? 3200);
const portal = { url: `http://localhost:${port}`, data: dataOf(port) };
const flags = ["--port", String(port), "--data", portal.data];

/** `npm run demo` in a process group of its own, as a terminal starts it. */
async function npmRunDemo(): Promise<ChildProcess> {
  const child = spawn("npm", ["run", "demo", "--", ...flags], { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const hear = (data: Buffer) => {
    said += data.toString();
    if (said.includes("Berth is on")) resolve();
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  child.once("exit", () => reject(new Error(said)));
  await promise;
  return child;
}

/** Processes of the demo on this port that are not of a job: command lines. */
function demoProcesses(jobs: number[]): string[] {
  const own = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && !jobs.includes(Number(pid)));
  return own.flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const here = readlinkSync(`/proc/${pid}/cwd`) === `/var/lib/berth-${port}/release`;
      const isDemo =
        (here && words.some((word) => /(server|idp)\.mjs$/.test(word))) || words.join(" ").includes(flags.join(" "));
      return isDemo ? [words.join(" ")] : [];
    } catch {
      // Ended meanwhile.
      return [];
    }
  });
}

const signals = {
  "SIGTERM to npm": (child: ChildProcess) => process.kill(child.pid ?? 0, "SIGTERM"),
  // Nobody can pass this one on: each process below notices that its parent is another.
  "kill -9 to npm": (child: ChildProcess) => process.kill(child.pid ?? 0, "SIGKILL"),
  // A terminal sends it to everything in the foreground.
  "Ctrl-C": (child: ChildProcess) => process.kill(-(child.pid ?? 0), "SIGINT"),
  "a closed terminal": (child: ChildProcess) => process.kill(-(child.pid ?? 0), "SIGHUP"),
};

const started: Portal[] = [];

/** As startDemo, and ended after the test whatever happens in it. */
async function startTracked(fresh: boolean): Promise<Portal> {
  const demo = await startDemo(port, { fresh });
  started.push(demo);
  return demo;
}

test.afterEach(async () => {
  for (const demo of started.splice(0)) await demo.stop();
});

test.beforeAll("data and a build", async () => {
  test.setTimeout(600_000);
  await (await startTracked(true)).stop();
});

for (const [name, send] of Object.entries(signals)) {
  test(`${name} ends everything but jobs, and the next start finds them`, async () => {
    test.setTimeout(180_000);
    const first = await npmRunDemo();
    const api = apiOf("alice", portal);
    const { id } = await api.create(smallFolder("local", { name }));
    await untilState(api, id, "ready");
    const jobs = processesOf(id);
    expect(jobs).not.toEqual([]);
    const ended = event(first, "exit");
    send(first);
    await ended;
    await expect.poll(() => demoProcesses(jobs), { timeout: 20_000 }).toEqual([]);
    expect(processesOf(id).toSorted()).toEqual(expect.arrayContaining([jobs[0]]));

    await startTracked(false);
    await untilState(api, id, "ready");
    const { url } = await api.must<{ url: string }>(paths.ticket(id), { method: "POST" });
    expect(url).toContain(id);
    await api.stop(id);
    await untilState(api, id, "ended");
    await expect.poll(() => processesOf(id)).toEqual([]);
  });
}

test("a second portal on the same data says who holds it, and leaves it alone", async () => {
  await startTracked(false);
  const holder = readdirSync("/proc").find((pid) => {
    try {
      return (
        readlinkSync(`/proc/${pid}/cwd`) === `/var/lib/berth-${port}/release` &&
        readFileSync(`/proc/${pid}/cmdline`).includes("server.mjs")
      );
    } catch {
      return false;
    }
  });
  const { uid, gid } = statSync(`/proc/${holder}`);
  const environment = readFileSync(`/proc/${holder}/environ`, "utf8").split("\0").filter(Boolean);
  const env = {
    ...Object.fromEntries(environment.map((line) => line.split(/=(.*)/s).slice(0, 2))),
    PORT: String(port + 5),
  };
  const second = spawn("node_modules/.bin/node", ["dist/server.mjs"], {
    cwd: `/var/lib/berth-${port}/release`,
    env,
    uid,
    gid,
  });
  let said = "";
  for (const stream of [second.stdout, second.stderr])
    stream.on("data", (data: Buffer) => {
      said += data.toString();
    });
  const [code] = await event(second, "exit");
  expect(code).not.toBe(0);
  expect(said).toContain(String(holder));
  expect((await fetch(`${portal.url}${paths.health()}`)).status).toBe(200);
});
