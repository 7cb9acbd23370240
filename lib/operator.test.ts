import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { useDatabase } from "@/dev/test-database";
import { testFolder } from "@/dev/test-folder";
import { hashOfToken } from "@/lib/auth/actor-from-request";
import { db } from "@/lib/db";
import { serveOperator } from "@/lib/operator";
import { askOperator } from "@/lib/operator/ask-operator";

useDatabase();

const cluster = {
  name: "cluster",
  scheduler: "local",
  account: { from: "process" },
  nodeNetworks: ["127.0.0.0/8"],
};

function writeConfig(dataDir: string): void {
  const config = {
    url: "http://localhost:3000",
    appsHosts: "*.apps.localhost:3000",
    signIn: { issuer: "https://id.example", clientId: "berth" },
    clusters: [cluster],
  };
  writeFileSync(join(dataDir, "portal.yaml"), stringify(config), { mode: 0o600 });
}

const dataDir = () => process.env.PORTAL_DATA ?? "";

async function addPerson(subject: string, email: string | null = null): Promise<string> {
  const id = `id-${subject}`;
  await db().user.create({
    data: { id, issuer: "https://id.example", subject, name: subject, email, roles: [], groups: [] },
  });
  return id;
}

/** Runs a command as a person would, apart from npm. */
const token = (...words: string[]) => run("token", ...words);
function run(name: string, ...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { DATABASE_URL: _, ...environment } = process.env;
  const { promise, resolve: done } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>();
  const argv = ["--import", "tsx", `dev/${name}.ts`, ...words];
  execFile(resolve("node_modules/.bin/node"), argv, { env: environment }, (error, stdout, stderr) =>
    done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
  );
  return promise;
}

describe("the operator socket", () => {
  let stop = async () => {};
  beforeAll(async () => {
    writeConfig(dataDir());
    stop = await serveOperator();
  });
  afterAll(() => stop());

  it("is its owner's alone", () => {
    expect(statSync(join(dataDir(), "operator.sock")).mode & 0o777).toBe(0o600);
  });

  it("prints a token that is kept as a hash, and nothing else on standard output", async () => {
    const userId = await addPerson("ana", "ana@example.org");
    const { code, stdout } = await token(
      "ana@example.org",
      "--data",
      dataDir(),
      "--days",
      "3",
      "--scopes",
      "sessions:read",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^berth_[\w-]{43}\n$/);
    const row = await db().token.findUniqueOrThrow({ where: { hash: hashOfToken(stdout.trim()) } });
    expect(row).toMatchObject({ userId, scopes: ["sessions:read"] });
    expect(row.expiresAt.getTime() - row.createdAt.getTime()).toBeCloseTo(3 * 86_400_000, -4);
  });

  it("shuts a person out and lets them in again", async () => {
    const userId = await addPerson("dora");
    const out = await run("user", "disable", "dora", "--stop-sessions", "--data", dataDir());
    expect(out).toEqual({ code: 0, stderr: "", stdout: "dora is disabled; 0 sessions are still open.\n" });
    expect(await db().user.findUnique({ where: { id: userId } })).toMatchObject({ disabledAt: expect.any(Date) });
    const [event] = await db().event.findMany({ where: { subjectId: userId } });
    expect(event).toMatchObject({ action: "user.disabled", actorKind: "system" });
    expect((await run("user", "enable", "dora", "--data", dataDir())).stdout).toMatch(/^dora is enabled/);
    expect((await run("user", "delete", "dora", "--data", dataDir())).stderr).toMatch(/^Usage: /);
  });

  it("knows a person by their Unix account, and says that there are more people than it names", async () => {
    const userId = await addPerson("5c0ffee0-uuid");
    await db().unixAccount.create({ data: { userId, cluster: "cluster", account: "eve", holder: "cluster/eve" } });
    const out = await run("user", "disable", "eve", "--data", dataDir());
    expect({ code: out.code, stderr: out.stderr }).toEqual({ code: 0, stderr: "" });
    expect(await db().user.findUnique({ where: { id: userId } })).toMatchObject({ disabledAt: expect.any(Date) });
    for (let n = 0; n < 21; n += 1) await addPerson(`z-${n}`);
    expect((await run("user", "disable", "nobody", "--data", dataDir())).stderr).toMatch(/There are: .*; and more\.$/m);
  });

  it("prints the counters of the process", async () => {
    const { code, stdout } = await run("metrics", "--data", dataDir());
    expect({ code, has: stdout.includes('berth_sessions{cluster="cluster",state="ready"} 0') }).toEqual({
      code: 0,
      has: true,
    });
  });

  it("lists who there is when nobody is called so", async () => {
    await addPerson("ben");
    const { code, stdout, stderr } = await token("nobody", "--data", dataDir());
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/Nobody is called nobody\. There are: .*ben \(id-ben\)/);
  });

  it("refuses to choose between two people", async () => {
    await addPerson("cleo", "shared@example.org");
    await addPerson("shared@example.org");
    const { code, stderr } = await token("shared@example.org", "--data", dataDir());
    expect(code).toBe(1);
    expect(stderr).toMatch(/may be any of .*id-cleo.*Name one by the id/);
    expect((await token("id-cleo", "--data", dataDir())).code).toBe(0);
  });

  it("says which scope it does not know", async () => {
    const { code, stderr } = await token("ana", "--data", dataDir(), "--scopes", "everything");
    expect(code).toBe(1);
    expect(stderr).toMatch(/--scopes/);
  });

  it("refuses what is no command", async () => {
    const command = { command: "format", disk: "all" };
    // Wrong on purpose.
    const asked = askOperator(dataDir(), command as never, z.unknown());
    await expect(asked).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a data directory without a portal", () => {
  let before = "";
  beforeEach(() => {
    before = dataDir();
  });
  const directory = (...parts: string[]) => {
    const path = join(testFolder("op"), ...parts);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  afterEach(() => {
    process.env.PORTAL_DATA = before;
  });

  it("is said to be without one", async () => {
    const path = directory();
    const { code, stderr } = await token("ana", "--data", path);
    expect(code).toBe(1);
    expect(stderr).toContain(`The portal is not running on ${path}`);
  });

  it("may hold the socket of a portal that was killed", async () => {
    const path = directory();
    const left = createServer();
    await new Promise<void>((done) => left.listen(join(path, "operator.sock"), done));
    chmodSync(join(path, "operator.sock"), 0o600);
    // close() would remove the file: keep it as a kill does.
    const kept = await keptSocket(path, left);
    expect(kept).toBe(true);
    expect((await token("ana", "--data", path)).stderr).toContain("The portal is not running");
    process.env.PORTAL_DATA = path;
    writeConfig(path);
    const stop = await serveOperator();
    expect(await askOperator(path, { command: "status" }, z.unknown())).not.toBeNull();
    await stop();
  });

  it("may be named by a link", async () => {
    const path = directory();
    process.env.PORTAL_DATA = path;
    writeConfig(path);
    const stop = await serveOperator();
    const link = join(directory(), "link");
    symlinkSync(path, link);
    expect(await askOperator(link, { command: "status" }, z.unknown())).not.toBeNull();
    await stop();
  });

  it("is refused when others can enter it", async () => {
    const path = directory();
    chmodSync(path, 0o755);
    process.env.PORTAL_DATA = path;
    await expect(serveOperator()).rejects.toThrow("can be opened by others");
  });

  it("may have a path too long for a socket", async () => {
    const path = directory("d".repeat(120));
    process.env.PORTAL_DATA = path;
    writeConfig(path);
    const stop = await serveOperator();
    expect(existsSync(join(path, "operator.sock"))).toBe(false);
    expect(await askOperator(path, { command: "status" }, z.object({ pid: z.number() }))).toEqual({ pid: process.pid });
    const short = dirname(readFileSync(join(path, "operator.path"), "utf8").trim());
    await stop();
    expect(existsSync(short)).toBe(false);
    expect(await askOperator(path, { command: "status" }, z.unknown())).toBeNull();
  });
});

/** Makes the socket file in `path` one that nobody serves, as after a kill. */
async function keptSocket(path: string, server: ReturnType<typeof createServer>): Promise<boolean> {
  linkSync(join(path, "operator.sock"), join(path, "kept"));
  await new Promise((done) => server.close(done));
  linkSync(join(path, "kept"), join(path, "operator.sock"));
  return existsSync(join(path, "operator.sock"));
}
