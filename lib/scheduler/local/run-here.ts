// A `Run` for tests: a program on this machine, without the shell and framing of the real reach, which has its own tests.
import { spawn } from "node:child_process";
import { userInfo } from "node:os";
import type { Run } from "@/lib/clusters/run";

// Types of Next make NODE_ENV part of every environment.
const PLAIN = { NODE_ENV: "test", PATH: "/usr/bin:/bin", HOME: userInfo().homedir } as const;

/** Runs it as whoever runs the tests. */
export const runHere: Run = (argv, { stdin }) =>
  new Promise((resolve, reject) => {
    const [program = "", ...rest] = argv;
    const child = spawn(program, rest, { env: PLAIN });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin instanceof Uint8Array ? stdin : "");
  });
