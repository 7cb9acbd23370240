// The demo's provider as a process of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";

const callback = "http://localhost:1/api/auth/callback/oidc";
let folder: string;
let port: number;
let running: { child: ChildProcess; words: () => string }[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address with a port.
  const found = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return found;
}

async function end(child: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (child.exitCode !== null) return child.exitCode;
  child.kill("SIGTERM");
  return ended;
}

beforeEach(async () => {
  folder = testFolder("idp");
  writeFileSync(join(folder, "secret"), "secret-of-the-tests\n", { mode: 0o600 });
  port = await freePort();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map(({ child }) => end(child)));
});

async function start(more: string[] = []) {
  const issuer = `http://localhost:${port}`;
  const given = ["--port", String(port), "--issuer", issuer, "--client-id", "berth", "--state", join(folder, "state")];
  const args = [...given, "--client-secret-file", join(folder, "secret"), "--redirect", "http://localhost:1", ...more];
  const child = spawn(process.execPath, ["--import", "tsx", "cluster/idp/idp.ts", ...args]);
  let words = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      words += String(chunk);
    });
  }
  running.push({ child, words: () => words });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", () => words.includes("ready at") && resolve());
    child.once("exit", () => reject(new Error(words)));
  });
  return { child, issuer, words: () => words };
}

it("keeps its signing key across a restart, in a file of its owner alone", async () => {
  const jwks = async (issuer: string) => (await fetch(`${issuer}/jwks`)).text();
  const first = await start();
  const before = await jwks(first.issuer);
  expect(await end(first.child)).toBe(0);
  expect(await jwks((await start()).issuer)).toBe(before);
  expect(before).not.toContain('"d"');
  expect(statSync(join(folder, "state", "idp-keys.json")).mode & 0o777).toBe(0o600);
});

it("asks who one is, and says that there are no passwords", async () => {
  const { issuer } = await start();
  const query = {
    client_id: "berth",
    response_type: "code",
    redirect_uri: callback,
    scope: "openid",
    nonce: "n",
    state: "s",
  };
  const proof = { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" };
  const begun = await fetch(`${issuer}/auth?${new URLSearchParams({ ...query, ...proof })}`, { redirect: "manual" });
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const page = await (
    await fetch(new URL(begun.headers.get("location") ?? "", issuer), { headers: { cookie } })
  ).text();
  expect(page).toContain("no passwords");
  for (const name of ["alice", "bob", "carol", "admin"]) expect(page).toContain(`value="${name}"`);
});

it.each([
  ["without PKCE", { redirect_uri: callback }, "PKCE"],
  ["to a foreign address", { redirect_uri: "http://evil.example/" }, "redirect_uri"],
  ["for a foreign client", { client_id: "other", redirect_uri: callback }, "client"],
])("refuses a sign-in %s, and says why in its log", async (_name, query, words) => {
  const idp = await start();
  const all = { client_id: "berth", response_type: "code", scope: "openid", state: "s", ...query };
  await fetch(`${idp.issuer}/auth?${new URLSearchParams(all)}`, { redirect: "manual" });
  await expect.poll(idp.words).toMatch(new RegExp(`refused.*${words}`));
});

it("says what is wrong with its list of accounts", async () => {
  writeFileSync(join(folder, "accounts.json"), '[{"sub":"a"},{"sub":"a"}]');
  await expect(start(["--accounts", join(folder, "accounts.json")])).rejects.toThrow('has a "sub" twice');
});
