// What a session leaves on the cluster's disk, and where it refuses to: everything is the person's own and nobody else's to
// read, whatever the umask, and no directory that somebody else could swap is ever used.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { smallFolder, stopAll, untilState } from "@/e2e/api";
import { accepted, ask, create } from "@/e2e/attacks/ground";
import { withRcFile } from "@/e2e/attacks/rc-file";
import { apiAs } from "@/e2e/attacks/site";
import { asPerson, jobsOf } from "@/e2e/machine";
import type { SessionLog, SessionView } from "@/lib/sessions/schema";

const who = "dora";
const home = `/home/${who}`;
const base = `${home}/.berth`;
const foreign = "/tmp/berth-attack-foreign";
const request = { ...smallFolder("hpc"), scratchGiB: 1 };
const root = (script: string) => execFileSync("/bin/sh", ["-ec", script]);

/** Nobody else uses this account: what an interrupted run left of these rows goes, too. */
async function clear(): Promise<void> {
  await stopAll(apiAs(who));
  root(`rm -rf ${base} ${foreign} ${home}/own`);
}
async function prepare(): Promise<void> {
  await clear();
  root(`mkdir -m 755 ${foreign}; chown bob: ${foreign}`);
}

function* entriesOf(path: string): Generator<string> {
  yield path;
  const entry = lstatSync(path);
  if (entry.isDirectory()) for (const name of readdirSync(path)) yield* entriesOf(join(path, name));
}

/** Paths that are not the person's, or that anybody else may use. */
function open(paths: Iterable<string>): string[] {
  const uid = Number(asPerson(who, ["id", "-u"]));
  return [...paths].flatMap((path) => {
    const { mode, uid: owner } = lstatSync(path);
    return owner === uid && (mode & 0o077) === 0 ? [] : [`${path} ${(mode & 0o7777).toString(8)} uid ${owner}`];
  });
}

// In this order: the last row ends the session of the others.
describe("a session under umask 000", { shuffle: false }, () => {
  let session: SessionView;

  beforeAll(async () => {
    await prepare();
    const { id } = await withRcFile(who, ["umask 000"], async () => accepted(await create(who, request)));
    session = await untilState(apiAs(who), id, "ready");
  });
  afterAll(clear);

  const file = (name: string) => join(session.directory ?? "", name);

  it("E8 everything that a session writes is its person's alone", () => {
    const files = [...entriesOf(base)];
    for (const name of ["connection", "secret", "environment", "job.sh", "log", "claim"])
      expect(files).toContain(file(name));
    expect(open([...files, ...entriesOf(`/tmp/berth-${session.id}`)])).toEqual([]);
  });

  it.each(["bob", "berth-poll", "berth"])("E8 %s reads nothing of another person's session", (other) => {
    expect(() => asPerson(other, ["cat", file("secret")])).toThrow(/Permission denied/);
  });

  it("E8 follows no link that stands where a session's own files should be", async () => {
    asPerson(who, ["ln", "-sf", "/etc/passwd", file("log")]);
    const { body } = await ask(who, `/api/sessions/${session.id}/log`);
    // The endpoint's schema made it.
    expect((JSON.parse(body) as SessionLog).text).toBe("");
    expect(readFileSync(file("log"), "utf8")).toContain("root:");
  });

  it("E8 nothing stays that opened the app, and what stays is its person's alone", async () => {
    await apiAs(who).stop(session.id);
    await untilState(apiAs(who), session.id, "ended");
    const left = () => ["secret", "connection", "app.sock"].filter((name) => existsSync(file(name)));
    await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    expect(existsSync(file("ended"))).toBe(true);
    asPerson(who, ["rm", file("log")]);
    expect(open(entriesOf(base))).toEqual([]);
  });
});

describe("a place that is not safe", () => {
  beforeEach(prepare);
  afterEach(clear);

  it.each([
    ["the base is a link to somebody else's directory", `ln -s ${foreign} ${base}`],
    ["the base is a link to a directory of one's own", `install -d -o ${who} ${home}/own; ln -sT ${home}/own ${base}`],
    ["the base belongs to somebody else", `install -d -o bob -m 777 ${base}`],
    ["the base is open to everybody", `install -d -o ${who} ${base}; chmod 777 ${base}`],
    ["the base is a file", `: > ${base}; chown ${who} ${base}`],
    ["the base is a link to nothing", `ln -s ${foreign}/nothing ${base}`],
    [
      "the sessions are a link to somebody else's",
      `install -d -o ${who} -m 700 ${base}; ln -s ${foreign} ${base}/sessions`,
    ],
    [
      "the sessions belong to somebody else",
      `install -d -o ${who} -m 700 ${base}; install -d -o bob -m 777 ${base}/sessions`,
    ],
    [
      "the sessions are open to everybody",
      `install -d -o ${who} -m 700 ${base} ${base}/sessions; chmod 777 ${base}/sessions`,
    ],
  ])("E8 refuses to write where %s, and says why", async (_what, place) => {
    root(place);
    const { id, state, endReason, endWords } = accepted(await create(who, request));
    expect({ state, endReason }).toEqual({ state: "ended", endReason: "rejected" });
    expect(endWords).toMatch(/is a symbolic link|belongs to somebody else|is not a directory|not your own/);
    expect(jobsOf(id, who)).toEqual([]);
    expect(readdirSync(foreign)).toEqual([]);
  });
});
