// Reaches this machine without SSH, as the portal's own account. Programs get a clean environment: nothing the portal
// knows (keys, database addresses) can leak into a job.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { homedir, userInfo } from "node:os";
import { PortalError } from "@/lib/errors";
import { usableHome, usableShell } from "@/lib/usable-shell";
import { connectDirectly } from "./direct-connection";
import { openLocalTerminal } from "./local-terminal";
import type { Shell } from "./program";
import type { Reach } from "./run";
import { runPrograms } from "./run-programs";

const KILL_AFTER_SECONDS = 2;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function cleanEnvironment(): NodeJS.ProcessEnv {
  const { username } = userInfo();
  const names = { USER: username, LOGNAME: username, HOME: homedir(), SHELL: usableShell() };
  // Next's types demand NODE_ENV of every environment; a program of the scheduler has no use for it.
  return { PATH, LANG: "C.UTF-8", ...names } as unknown as NodeJS.ProcessEnv;
}

/** Signals the whole process group; it may have ended already. */
function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: nobody is left
  }
}

const closePipes = (child: ChildProcessWithoutNullStreams): void => {
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
};

/** A shell in a process group of its own, so that a time-out ends everything the program started. */
async function openLocalShell(): Promise<Shell> {
  const child = spawn("/bin/sh", ["-s"], { detached: true, cwd: usableHome(), env: cleanEnvironment() });
  const gone = new Promise<{ wasConnectionLost: boolean }>((resolve) => {
    child.once("close", () => resolve({ wasConnectionLost: false }));
  });
  await new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new PortalError("cluster", "This machine cannot start a shell", { cause })));
  });
  const kill = () => {
    signalGroup(child, "SIGTERM");
    const timer = setTimeout(() => {
      signalGroup(child, "SIGKILL");
      closePipes(child);
    }, KILL_AFTER_SECONDS * 1000);
    void gone.then(() => clearTimeout(timer));
  };
  const { stdin, stdout, stderr } = child;
  return { where: "on this machine", stdin, stdout, stderr, gone, kill, release: () => closePipes(child) };
}

/** This machine. `user` is ignored: everything runs as the account of the portal. */
export function localReach(): Reach {
  const programs = runPrograms({ openShell: openLocalShell, shellStartSeconds: 10 });
  return {
    ...programs,
    terminal: (options) => openLocalTerminal(options, cleanEnvironment()),
    connect: ({ host, port }) => connectDirectly(host, port),
    close: async () => {},
  };
}
