// The shell of the portal's own account, for jobs and terminals on this machine.
import { accessSync, constants } from "node:fs";
import { userInfo } from "node:os";
import { basename } from "node:path";

function isUsable(shell: string): boolean {
  if (/^(nologin|false)$/.test(basename(shell))) return false;
  try {
    accessSync(shell, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `shell` of passwd(5), unless it lets nobody in, as that of an account made for a service; then bash, or sh. */
export function usableShell(shell: string | null = userInfo().shell): string {
  return [shell ?? "", "/bin/bash"].find(isUsable) ?? "/bin/sh";
}
