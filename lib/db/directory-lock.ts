// One process per data directory. Two PGlite on one directory lose rows silently, so the kernel keeps the lock (SQLite's
// POSIX record lock on a file of its own): it is gone the moment the process is, kill -9 included.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { PortalError } from "@/lib/errors";

const holderSchema = z.object({ pid: z.number(), startedAt: z.string(), url: z.string() });
export type Holder = z.infer<typeof holderSchema>;

const lockPlace = (directory: string) => join(directory, "database.lock");
const holderFile = (directory: string) => join(lockPlace(directory), "holder.json");

/** Who wrote itself down as the user of `directory`; null when nobody did. Not proof: only the lock is. */
export function readHolder(directory: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holderFile(directory), "utf8")));
  } catch {
    return null;
  }
}

function inUse(directory: string, cause: unknown): PortalError {
  const holder = readHolder(directory);
  const who = holder
    ? `process ${holder.pid} since ${holder.startedAt}, serving ${holder.url}`
    : "another process that has not written down its name";
  return new PortalError("conflict", `${directory} is in use by ${who}.`, { cause });
}

// https://www.sqlite.org/rescode.html#busy
const busy = 5;

/** Takes the lock of `directory` for this process, or throws `conflict` naming the holder. Returns how to release it. */
export function lockDirectory(directory: string, url: string): () => void {
  mkdirSync(lockPlace(directory), { recursive: true, mode: 0o700 });
  const file = new DatabaseSync(join(lockPlace(directory), "lock"), { timeout: 0 });
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    throw error instanceof Error && "errcode" in error && error.errcode === busy ? inUse(directory, error) : error;
  }
  const holder: Holder = { pid: process.pid, startedAt: new Date().toISOString(), url };
  writeFileSync(holderFile(directory), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  return () => {
    rmSync(holderFile(directory), { force: true });
    file.close();
  };
}
