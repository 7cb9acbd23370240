// portal.yaml: clusters, account mapping, policy, branding, waits. Checked at start; an error names its line.
import { readFileSync, statSync } from "node:fs";
import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { env } from "@/lib/env";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import { sshReachSchema } from "@/lib/ssh/schema";

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "use lower-case letters, digits and dashes");
const absolute = z.string().startsWith("/");
const seconds = (fallback: number) => z.number().positive().default(fallback);

/** Tried at start, as lib/auth/account-name.ts uses it: else the first person to sign in would be the one who notices. */
function isPattern(pattern: string): boolean {
  try {
    return Boolean(new RegExp(`^(?:${pattern})$`, "u"));
  } catch {
    return false;
  }
}

/** How a person becomes a Unix account: a claim matched by a pattern (its first group is the account), a table by subject, or the one account of this machine. */
const accountRule = z.discriminatedUnion("from", [
  z.strictObject({
    from: z.literal("claim"),
    claim: z.string().min(1),
    pattern: z.string().min(1).refine(isPattern, "Not a regular expression.").default("^([a-z_][a-z0-9_-]{0,31})$"),
  }),
  z.strictObject({ from: z.literal("table"), accounts: z.record(z.string(), z.string()) }),
  z.strictObject({ from: z.literal("process") }),
]);
export type AccountRule = z.infer<typeof accountRule>;

const cluster = z.strictObject({
  name,
  title: z.string().max(60).optional(),
  scheduler: z.enum(["slurm", "local"]),
  /** Absent: this machine, without SSH. */
  ssh: sshReachSchema.optional(),
  account: accountRule,
  /** Service account that asks the scheduler for everybody's jobs. */
  poller: z.string().default("berth-poll"),
  /** per-user: the poller cannot see foreign jobs, so one question per person with live sessions. */
  poll: z.enum(["all", "per-user"]).default("all"),
  binDir: absolute.optional(),
  slurmConf: absolute.optional(),
  accounting: z.boolean().default(true),
  /** Where session directories go; `~/` is the person's home, `{user}` the account. Choose a place that a full home does not block. */
  sessionPath: z
    .string()
    .regex(/^(~\/|\/)[^\0\n]*$/)
    .default("~/.berth/sessions"),
  /** Directories of ended sessions are removed after so long; the last lines of their logs stay in the database. */
  keepDirectoriesDays: z.number().positive().default(14),
  /** Where scratch space is made; absent: scratch cannot be asked for. */
  scratchPath: z
    .string()
    .regex(/^\/[^\0\n]*$/)
    .optional(),
  maxScratchGiB: z.number().positive().default(1000),
  /** Folders that the file manager shows; absent: home, where sessions are, and scratch. */
  files: z
    .strictObject({
      roots: z
        .array(
          z.strictObject({
            title: z.string().min(1).max(40),
            /** As in sessionPath. */
            path: z.string().regex(/^(~|~\/[^\0\n]*|\/[^\0\n]*)$/, "give an absolute path, or one below ~"),
          }),
        )
        .min(1)
        .optional(),
    })
    .prefault({}),
  /** Gateway targets must be inside one of these. */
  nodeNetworks: z.array(z.union([z.cidrv4(), z.cidrv6()], "Not a network such as 10.20.0.0/16.")).min(1),
  /** bash script that defines `module`, and extra MODULEPATH; absent: no modules. */
  modules: z.strictObject({ init: absolute, path: z.string().optional() }).optional(),
  /** local engine: cores and memory it may hand out, and where it may make cgroups that hold jobs to their memory. */
  local: z
    .strictObject({
      cpus: z.number().int().positive().optional(),
      memoryGiB: z.number().positive().optional(),
      /** An absolute cgroup directory that the portal's account may write; "none": memory is judged by resident size. */
      cgroupParent: z.union([absolute, z.literal("none")]).optional(),
    })
    .optional(),
});
export type ClusterConfig = z.infer<typeof cluster>;

const limit = z.strictObject({
  /** everyone, group:<name> or person:<subject or e-mail>. The most generous match of the most specific kind wins. */
  who: z.string().regex(/^(everyone|group:.+|person:.+)$/),
  sessions: z.number().int().min(0).optional(),
  cpus: z.number().int().min(0).optional(),
  memoryGiB: z.number().min(0).optional(),
  gpus: z.number().int().min(0).optional(),
  minutes: z.number().int().min(1).optional(),
});
export type LimitRule = z.infer<typeof limit>;

const portalConfig = z.strictObject({
  url: z.url(),
  /** A wildcard (`*.apps.example.org[:port]`) or a finite list of hosts, one per live session. */
  appsHosts: z.union([z.string().startsWith("*."), z.array(z.string()).min(1)]),
  /** Addresses of the reverse proxy whose X-Forwarded-* may be believed. */
  trustedProxies: z.array(z.string()).default([]),
  branding: z
    .strictObject({
      title: z.string().max(40).default("Berth"),
      support: z.string().max(200).default("your research computing support"),
    })
    .prefault({}),
  signIn: z.strictObject({
    issuer: z.url(),
    /** What the button says: "Sign in with <provider>". */
    provider: z.string().min(1).max(60).default("single sign-on"),
    clientId: z.string(),
    scope: z.string().default("openid profile email"),
    claims: z
      .strictObject({
        name: z.string().default("name"),
        email: z.string().default("email"),
        groups: z.string().default("groups"),
        roles: z.string().default("roles"),
      })
      .prefault({}),
    /** Value of the roles (or groups) claim -> role. Everyone who may sign in is a researcher. */
    roles: z.record(z.string(), z.enum(["operator", "admin"])).default({}),
    /** A login ends after this, whatever the person does. */
    hours: z.number().positive().max(720).default(12),
  }),
  clusters: z.array(cluster).min(1),
  limits: z.array(limit).default([]),
  terminals: z
    .strictObject({
      /** Terminals that a person may have at once. */
      perPerson: z.number().int().min(0).max(100).default(10),
      /** A terminal that nobody typed in or looked at for so long is ended. */
      idleMinutes: z.number().positive().default(720),
      /** Lines above the screen that a viewer gets back. */
      scrollbackLines: z.number().int().min(0).max(20_000).default(2000),
      /** auto: where the cluster has tmux, it holds terminals, so that they outlive the portal. */
      tmux: z.enum(["auto", "never"]).default("auto"),
    })
    .prefault({}),
  files: z
    .strictObject({
      /** Deleted files go to ~/.berth/trash and can come back, where that is on the same file system. */
      trash: z.boolean().default(true),
      maxUploadGiB: z.number().positive().default(1000),
      /** Uploads that a person may have unfinished at once. */
      uploadsPerPerson: z.number().int().min(1).max(100_000).default(2000),
      /** An upload to which nothing came for so long is given up, and its partial file removed. */
      keepUploadsDays: z.number().positive().default(7),
      /** What an archive may unpack to, in all, and how many times its own size (beyond the first 100 MiB). */
      maxExtractGiB: z.number().positive().default(100),
      maxExtractRatio: z.number().positive().default(200),
    })
    .prefault({}),
  waits: z
    .strictObject({
      busyPollSeconds: seconds(2.5),
      quietPollSeconds: seconds(30),
      factsSeconds: seconds(120),
      /** How long one program on the login node waits for the files of a session that is about to start. 0: it only looks. */
      startWatchSeconds: z.number().min(0).max(20).default(10),
      /** An unknown submit is tried again after two empty looks this far apart. */
      lookApartSeconds: seconds(60),
      /** Continuous absence with a healthy scheduler before a job without an accounting record is lost. */
      absenceSeconds: seconds(300),
      unreachableAfterSeconds: seconds(20),
      ticketSeconds: seconds(30),
      cleanRetrySeconds: seconds(30),
      drainSeconds: seconds(10),
    })
    .prefault({}),
});
export type PortalConfig = z.infer<typeof portalConfig>;

type Document = ReturnType<typeof parseDocument>;

function lineOf(document: Document, counter: LineCounter, path: PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
  }
  return 1;
}

/** Reads the text of a portal.yaml. Throws `invalid` with one line per mistake: "portal.yaml:12 clusters.0.name: ...". */
export function parseConfig(text: string, file = "portal.yaml"): PortalConfig {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const broken = document.errors.map(
    (error) => `${file}:${counter.linePos(error.pos[0]).line} ${error.message.split("\n")[0]}`,
  );
  if (broken.length > 0) throw new PortalError("invalid", broken.join("\n"));
  const result = portalConfig.safeParse(document.toJS());
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(
    (issue) =>
      `${file}:${lineOf(document, counter, issue.path)} ${issue.path.join(".") || "the file"}: ${issue.message}`,
  );
  throw new PortalError("invalid", mistakes.join("\n"));
}

function load(): PortalConfig {
  const { configFile } = env();
  const found = statSync(configFile, { throwIfNoEntry: false });
  if (!found) {
    throw new PortalError(
      "invalid",
      `There is no ${configFile}: name one with PORTAL_CONFIG (docs/portal.example.yaml).`,
    );
  }
  if ((found.mode & 0o022) !== 0) {
    throw new PortalError("invalid", `${configFile} can be changed by others: run chmod go-w on it.`);
  }
  return parseConfig(readFileSync(configFile, "utf8"), configFile);
}

/** The configuration of this process, read once. */
export function config(): PortalConfig {
  return once("config", load);
}

/** Names of the clusters that this portal has now; sessions may be left of others. */
export const clusterNames = (): string[] => config().clusters.map(({ name: clusterName }) => clusterName);

/** The cluster called `clusterName`, or `not_found`. */
export function clusterConfig(clusterName: string): ClusterConfig {
  const found = config().clusters.find((entry) => entry.name === clusterName);
  if (!found) throw new PortalError("not_found", `There is no cluster ${clusterName}.`);
  return found;
}
