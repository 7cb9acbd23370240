// What a person without the portal does: ssh to the same login node, with a certificate of the same CA, and Slurm's commands.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { BenchSite } from "./site";

const clusterFile = z.object({
  slurmConf: z.string(),
  hostKeys: z.array(z.string()),
  ca: z.object({ privateKey: z.string() }),
});

export type ByHand = {
  slurmConf: string;
  /** The private key, its directory with a known_hosts, and what ssh(1) takes to log in with them. */
  key: string;
  folder: string;
  argv: string[];
  /** Runs a command line on the login node in a fresh login; answers standard output. */
  ssh: (commandLine: string, stdin?: string) => Promise<string>;
  end: () => void;
};

function keysIn(folder: string, who: string, caKey: string): string {
  const key = join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  execFileSync("ssh-keygen", ["-q", "-s", caKey, "-I", "bench", "-n", who, "-V", "-1m:+1d", `${key}.pub`]);
  return key;
}

function run(argv: string[], stdin: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn("/usr/bin/ssh", argv, { stdio: ["pipe", "pipe", "pipe"] });
  const said: Buffer[] = [];
  const words: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => said.push(data));
  child.stderr.on("data", (data: Buffer) => words.push(data));
  child.on("error", reject);
  child.on("close", (code) => {
    if (code === 0) resolve(Buffer.concat(said).toString());
    else reject(new Error(`ssh ended with ${code}: ${Buffer.concat(words).toString()}`));
  });
  child.stdin.end(stdin);
  return promise;
}

/** `who` with a key and a certificate good for a day. */
export function byHand(site: BenchSite, who: string): ByHand {
  const facts = clusterFile.parse(JSON.parse(readFileSync(join(site.clusterDir, "cluster.json"), "utf8")));
  const folder = mkdtempSync(join(tmpdir(), "berth-bench-ssh-"));
  const key = keysIn(folder, who, facts.ca.privateKey);
  const { host, port } = site.loginNode;
  const known = facts.hostKeys.map((line) => `[${host}]:${port} ${line}\n`).join("");
  writeFileSync(join(folder, "known_hosts"), known);
  const options = [`UserKnownHostsFile=${join(folder, "known_hosts")}`, "IdentitiesOnly=yes", "BatchMode=yes"];
  const argv = ["-F", "none", "-i", key, "-p", String(port), ...options.flatMap((option) => ["-o", option])];
  return {
    slurmConf: facts.slurmConf,
    ...{ key, folder, argv: [...argv, `${who}@${host}`] },
    ssh: (commandLine, stdin = "") => run([...argv, `${who}@${host}`, commandLine], stdin),
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}
