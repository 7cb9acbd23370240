// What a demo started as root prepares on the machine: the account it runs as, and Jupyter.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loginEnvironment } from "@/lib/scheduler/local/machine";
import type { Account } from "./places";
import { runProgram } from "./programs";

/** Whether jobs find the program: they look elsewhere than root does. */
export const jobsFind = (program: string): boolean =>
  (loginEnvironment().PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`));

/** The ordinary account `berth`, made when missing: the portal and the one-machine engine's jobs never run as root. */
export async function ensureAccount(home: string): Promise<NonNullable<Account>> {
  const known = () =>
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((line) => line.startsWith("berth:"));
  if (!known())
    await runProgram("useradd", [
      "--system",
      "--user-group",
      "--home-dir",
      join(home, "home"),
      "--shell",
      "/bin/bash",
      "berth",
    ]);
  const [, , uid, gid] = known()?.split(":") ?? [];
  if (!uid || !gid) throw new Error("The account berth could not be made.");
  return { uid: Number(uid), gid: Number(gid) };
}

export const isDebian = (): boolean => existsSync("/etc/debian_version");
export const hasJupyter = (): boolean => jobsFind("jupyter-lab") || jobsFind("jupyter-notebook");

/** Debian's packages, none of whose daemons is started. */
export async function installPackages(names: string[]): Promise<void> {
  await runProgram("cluster/install", names, { tell: "program" });
}
