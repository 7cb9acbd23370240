// The examination against a real sshd and a real Slurm: nothing to complain about as it is, and each mistake an operator
// can make in portal.yaml or on the cluster is named.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { examineCluster } from "@/lib/clusters/examine-cluster";
import type { Finding } from "@/lib/clusters/examine-finding";
import { type ClusterConfig, parseConfig } from "@/lib/config";
import { schedulerFor } from "@/lib/scheduler/adapters";
import { sshReach } from "@/lib/ssh/reach";
import { startSshd, type TestSshd } from "@/lib/ssh/sshd-for-tests";

const facts = z.object({
  logins: z.array(z.object({ host: z.string(), port: z.number() })),
  hostKeys: z.array(z.string()),
  ca: z.object({ privateKey: z.string(), publicKey: z.string() }),
  slurmConf: z.string(),
  slurmBin: z.string(),
  nodeNetworks: z.array(z.string()),
  poller: z.string(),
  lmod: z.object({ init: z.string(), modulePath: z.string() }),
});
type Facts = z.infer<typeof facts>;

const factsAt = (file: string): Facts => facts.parse(JSON.parse(readFileSync(file, "utf8")));
const here = factsAt(process.env.BERTH_CLUSTER_JSON || "/var/lib/berth-cluster-0/cluster.json");
const closers: (() => unknown)[] = [];
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "doctor-test-"));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Changes = { ssh?: Record<string, unknown> } & Record<string, unknown>;

/** A cluster as portal.yaml would have it; JSON is YAML. */
function clusterOf(from: Facts, { ssh, ...changes }: Changes = {}): ClusterConfig {
  const hosts = from.logins.slice(0, 1);
  const reached = { hosts, hostKeys: from.hostKeys, ca: { keyFile: from.ca.privateKey }, ...ssh };
  const cluster = {
    ...{ name: "hpc", scheduler: "slurm", ssh: { sourceAddress: ["127.0.0.0/8"], ...reached } },
    ...{ account: { from: "claim", claim: "preferred_username" }, poller: from.poller },
    ...{ binDir: from.slurmBin, slurmConf: from.slurmConf, nodeNetworks: from.nodeNetworks, scratchPath: "/tmp" },
    modules: { init: from.lmod.init.replace(/\/sh$/, "/bash"), path: from.lmod.modulePath },
    ...changes,
  };
  const signIn = { issuer: "https://sso.example.org", clientId: "berth" };
  const portal = { url: "https://berth.example.org", appsHosts: "*.apps.example.org", signIn, clusters: [cluster] };
  const [first] = parseConfig(JSON.stringify(portal)).clusters;
  if (!first) throw new Error("One cluster was given.");
  return first;
}

type Asked = { as?: string | null; partition?: string; waitSeconds?: number };

async function examine(cluster: ClusterConfig, asked: Asked = {}): Promise<Finding[]> {
  const { as = "alice", partition = "cpu", waitSeconds = 100 } = asked;
  if (!cluster.ssh) throw new Error("Reached over SSH.");
  const reach = sshReach(cluster.ssh, { cluster: cluster.name });
  closers.push(() => reach.close());
  const scheduler = schedulerFor(cluster, { reach, dataDir: dir, sentinels: false });
  const findings: Finding[] = [];
  for await (const finding of examineCluster({ cluster, reach, scheduler, as, partition, waitSeconds }))
    findings.push(finding);
  return findings;
}

const problems = (findings: Finding[]) => findings.filter(({ verdict }) => verdict === "problem");
const about = (findings: Finding[], check: RegExp) => findings.find((finding) => check.test(finding.check));

async function ownSshd(...lines: string[]): Promise<TestSshd> {
  const sshd = await startSshd({ caFile: here.ca.publicKey, lines });
  closers.push(() => sshd.stop());
  return sshd;
}
const reachedAt = ({ host, port, hostKey }: TestSshd) => ({ hosts: [{ host, port }], hostKeys: [hostKey] });

const shell = (command: string): string => execFileSync("/bin/sh", ["-c", command], { encoding: "utf8" }).trim();
const slurm = (command: string): string => shell(`SLURM_CONF=${here.slurmConf} ${command}`);

describe("an examination", () => {
  it("finds nothing wrong with a cluster that is in order, and leaves no job and no directory", async () => {
    const before = shell("ls /home/alice/.berth/sessions | sort");
    const findings = await examine(clusterOf(here));
    expect(problems(findings)).toEqual([]);
    expect(findings.filter(({ verdict }) => verdict === "unchecked")).toEqual([]);
    const seen = /^berth-poll sees job (\d+) of alice\.$/.exec(about(findings, /^sight/)?.says ?? "");
    expect(about(findings, /^an app/)?.says).toMatch(/^It answered on 127\.31\./);
    expect(about(findings, /^accounting of/)?.says).toContain(`job ${seen?.[1]}`);
    expect(slurm(`squeue -h -j ${seen?.[1]} -t pending,running -o %i || true`)).toBe("");
    const after = shell("ls /home/alice/.berth/sessions | sort").split("\n");
    const directory = /in (\S+) what/.exec(about(findings, /^session path/)?.says ?? "")?.[1];
    expect(after).not.toContain(directory?.split("/").at(-1));
    expect(before).not.toContain(directory?.split("/").at(-1));
  });

  it("says what it could not check when nobody is named", async () => {
    const findings = await examine(clusterOf(here), { as: null });
    expect(problems(findings)).toEqual([]);
    expect(about(findings, /^session path/)).toMatchObject({
      verdict: "unchecked",
      says: expect.stringContaining("--as"),
    });
  });

  it("prints the line to paste when no pinned host key matches", async () => {
    const other = await ownSshd();
    const findings = await examine(clusterOf(here, { ssh: { hostKeys: [other.hostKey] } }));
    expect(about(findings, /^host keys/)).toMatchObject({
      verdict: "problem",
      todo: expect.stringContaining(`  - ${here.hostKeys.find((line) => line.startsWith("ssh-ed25519"))}`),
    });
    // Nobody is logged in where the key is wrong, so nothing else is claimed to be fine.
    expect(about(findings, /^certificate of alice/)?.verdict).toBe("problem");
    expect(about(findings, /^another authority/)?.verdict).toBe("unchecked");
  });

  it("tells a login node that signs with SHA-1 only", async () => {
    const old = await startSshd({ caFile: here.ca.publicKey, keyType: "rsa", lines: ["HostKeyAlgorithms ssh-rsa"] });
    closers.push(() => old.stop());
    const findings = await examine(clusterOf(here, { ssh: reachedAt(old) }), { as: null });
    expect(about(findings, /^host keys/)).toMatchObject({ verdict: "problem", says: expect.stringContaining("SHA-1") });
  });

  it("shows the CA line that sshd lacks", async () => {
    const keyFile = join(dir, "other-ca");
    execFileSync("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", keyFile]);
    const findings = await examine(clusterOf(here, { ssh: { ca: { keyFile } } }));
    const line = readFileSync(`${keyFile}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
    expect(about(findings, /^certificate of berth-poll/)).toMatchObject({
      verdict: "problem",
      says: expect.stringContaining("certificate not trusted"),
      todo: expect.stringContaining(line),
    });
  });

  it("tells a wrong sourceAddress from a certificate that is not trusted", async () => {
    const findings = await examine(clusterOf(here, { ssh: { sourceAddress: ["192.0.2.0/24"] } }), { as: null });
    expect(about(findings, /^certificate of berth-poll/)?.todo).toContain("ssh.sourceAddress");
  });

  it("names the nodes that nodeNetworks leaves out", async () => {
    const findings = await examine(clusterOf(here, { nodeNetworks: [`${here.logins[0]?.host}/32`] }), { as: null });
    expect(about(findings, /^node addresses/)).toMatchObject({
      verdict: "problem",
      says: expect.stringMatching(/^3 of 3 cannot be used: .*not in the cluster's nodeNetworks/),
      todo: expect.stringContaining("nodeNetworks"),
    });
  });

  it("counts MaxSessions, and advises direct connections where forwarding is off", async () => {
    const strict = await ownSshd("MaxSessions 3", "AllowTcpForwarding no");
    const findings = await examine(clusterOf(here, { ssh: reachedAt(strict) }), { as: null });
    expect(about(findings, /^MaxSessions/)).toMatchObject({
      verdict: "problem",
      todo: expect.stringContaining("maxChannelsPerConnection: 3"),
    });
    expect(about(findings, /^AllowTcpForwarding/)).toMatchObject({
      verdict: "problem",
      todo: expect.stringContaining("apps: direct"),
    });
  });

  it("sees from the compute node that scratch and modules do not work", async () => {
    const modules = { init: "/no/such/init" };
    const findings = await examine(clusterOf(here, { scratchPath: "/proc/scratch", modules }));
    expect(problems(findings).map(({ check }) => check)).toEqual(["modules", "scratch"]);
  });

  it("does not wait for ever, and cancels a job that does not start", async () => {
    const cluster = clusterOf(here);
    const findings = await examine(cluster, { partition: "closed", waitSeconds: 3 });
    expect(about(findings, /^session path/)).toMatchObject({
      verdict: "unchecked",
      says: expect.stringContaining("PENDING"),
    });
    expect(slurm("squeue -h -u alice -p closed -t pending -o %i")).toBe("");
  });

  it("passes on why a person may not submit", async () => {
    const findings = await examine(clusterOf(here), { as: "nora" });
    expect(about(findings, /^associations/)?.verdict).toBe("problem");
    expect(about(findings, /^a job/)).toMatchObject({ verdict: "problem", says: expect.stringMatching(/account/i) });
  });
});

describe("a cluster that hides jobs", () => {
  const copy = "23";
  beforeAll(() => void execFileSync("cluster/up", ["--copy", copy, "--private-jobs"], { stdio: "pipe" }));
  afterAll(() => void execFileSync("cluster/down", ["--copy", copy, "--purge"], { stdio: "pipe" }));

  it("needs poll: per-user for a poller that is no operator, and then is in order", async () => {
    const hidden = factsAt(`/var/lib/berth-cluster-${copy}/cluster.json`);
    const findings = await examine(clusterOf(hidden, { poller: "dora" }));
    expect(problems(findings)).toMatchObject([
      { check: "sight of the poller", todo: expect.stringContaining("poll: per-user") },
    ]);
    const perPerson = await examine(clusterOf(hidden, { poller: "dora", poll: "per-user" }));
    expect(problems(perPerson)).toEqual([]);
    expect(about(perPerson, /own jobs/)?.verdict).toBe("ok");
    expect(problems(await examine(clusterOf(hidden)))).toEqual([]);
  });
});
