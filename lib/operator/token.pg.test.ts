import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { hashOfToken } from "@/lib/auth/actor-from-request";
import { db } from "@/lib/db";

useDatabase();

it("a token can be had from the server while no portal runs", async () => {
  const data = { id: "id-ana", issuer: "https://id.example", subject: "ana", name: "Ana", roles: [], groups: [] };
  await db().user.create({ data });
  const empty = mkdtempSync(join(tmpdir(), "berth-token-"));
  const argv = ["--import", "tsx", "dev/token.ts", "ana", "--data", empty];
  const { stdout } = await promisify(execFile)(resolve("node_modules/.bin/node"), argv);
  rmSync(empty, { recursive: true });
  const row = await db().token.findUniqueOrThrow({ where: { hash: hashOfToken(stdout.trim()) } });
  expect(row.userId).toBe("id-ana");
});
