// The shell and the home of the portal's own account, for jobs, terminals and programs on this machine.
import { accessSync, constants } from "node:fs";
import { homedir, userInfo } from "node:os";
import { basename } from "node:path";

function mayEnter(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const isUsable = (shell: string): boolean => !/^(nologin|false)$/.test(basename(shell)) && mayEnter(shell);

/** `shell` of passwd(5), unless it lets nobody in, as that of an account made for a service; then bash, or sh. */
export function usableShell(shell: string | null = userInfo().shell): string {
  return [shell ?? "", "/bin/bash"].find(isUsable) ?? "/bin/sh";
}

/** Where programs begin: the home, or `/` where an account made for a service has none. Nothing can be started in what is not there. */
export const usableHome = (): string => (mayEnter(homedir()) ? homedir() : "/");
