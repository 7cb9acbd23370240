// What a demo started as root prepares on the machine: the account it runs as, and Jupyter.
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { runProgram } from "./progress";
import type { Account } from "./settings";

const has = (program: string): boolean =>
  (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`));

/** The ordinary account `berth`, made when missing: the portal and the one-machine engine's jobs never run as root. */
export function ensureAccount(home: string): Account {
  const known = () =>
    readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((line) => line.startsWith("berth:"));
  if (!known())
    runProgram("useradd", ["--system", "--user-group", "--home-dir", home, "--shell", "/bin/bash", "berth"]);
  const [, , uid, gid] = known()?.split(":") ?? [];
  if (!uid || !gid) throw new Error("The account berth could not be made.");
  return { uid: Number(uid), gid: Number(gid) };
}

export const isDebian = (): boolean => existsSync("/etc/debian_version");
export const hasJupyter = (): boolean => has("jupyter-lab") || has("jupyter-notebook");

/** Installs packages without letting Debian start any daemon of theirs. */
export function installPackages(names: string[]): void {
  const policy = "/usr/sbin/policy-rc.d";
  const mark = "# berth: while packages are installed";
  // With our mark it was left by an installation that was killed.
  const ours = !existsSync(policy) || readFileSync(policy, "utf8").includes(mark);
  if (ours) {
    writeFileSync(policy, `#!/bin/sh\n${mark}\nexit 101\n`);
    chmodSync(policy, 0o755);
  }
  try {
    const quiet = { DEBIAN_FRONTEND: "noninteractive" };
    // Another copy of the tests or of the demo may be installing as well.
    const patient = ["-q", "-o", "DPkg::Lock::Timeout=300"];
    const install = ["install", ...patient, "-y", "--no-install-recommends", ...names];
    try {
      runProgram("apt-get", install, quiet);
    } catch {
      // A fresh machine has no package lists yet.
      runProgram("apt-get", ["update", ...patient], quiet);
      runProgram("apt-get", install, quiet);
    }
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}
