// What portal.yaml may say: shapes, units, defaults. Whatever could not work is refused here, at start and with its line,
// not when the first person comes upon it.
import { z } from "zod";
import { addressOrNetworkSchema, sshReachSchema, unixUserSchema } from "@/lib/ssh/schema";

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "use lower-case letters, digits and dashes");
const absolute = z.string().startsWith("/");
/** At most a day: a timer of more than 24.8 days fires at once. */
const seconds = (fallback: number) => z.number().positive().max(86_400).default(fallback);

/** Tells the second of two entries that are called alike. */
function named<Entry>(what: string, nameOf: (entry: Entry) => string, key: string) {
  return (entries: Entry[], context: z.RefinementCtx) => {
    const names = entries.map(nameOf);
    for (const [index, entry] of names.entries()) {
      if (names.indexOf(entry) === index) continue;
      context.addIssue({
        code: "custom",
        path: [index, key].filter(Boolean),
        message: `There is ${what} ${entry} already.`,
      });
    }
  };
}

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
  z.strictObject({ from: z.literal("table"), accounts: z.record(z.string(), unixUserSchema) }),
  z.strictObject({ from: z.literal("process") }),
]);
export type AccountRule = z.infer<typeof accountRule>;

/** Only `{user}` and a leading `~/` are replaced in paths: of anything else all people would share one folder by that name. */
const isSharedByMistake = (path: string): boolean => /\$|[{}]|(^|\/)\.\.(\/|$)/.test(path.replaceAll("{user}", ""));
const personalPath = (shape: RegExp, otherwise: string) =>
  z
    .string()
    .regex(shape, otherwise)
    .refine((path) => !isSharedByMistake(path), "Only {user} and a leading ~/ are replaced: no $, no other {…}, no ..");

const clusterSettings = z.strictObject({
  name,
  title: z.string().max(60).optional(),
  scheduler: z.enum(["slurm", "local"]),
  /** Absent: this machine, without SSH. */
  ssh: sshReachSchema.optional(),
  account: accountRule,
  /** Service account that asks the scheduler for everybody's jobs. */
  poller: unixUserSchema.default("berth-poll"),
  /** per-user: the poller cannot see foreign jobs, so one question per person with live sessions. */
  poll: z.enum(["all", "per-user"]).default("all"),
  binDir: absolute.optional(),
  slurmConf: absolute.optional(),
  accounting: z.boolean().default(true),
  /** Where session directories go; `~/` is the person's home, `{user}` the account. Choose a place that a full home does not block. */
  sessionPath: personalPath(/^(~\/|\/)[^\0\n]*$/, "give an absolute path, or one below ~/").default(
    "~/.berth/sessions",
  ),
  /** Directories of ended sessions are removed after so long; the last lines of their logs stay in the database. */
  keepDirectoriesDays: z.number().positive().default(14),
  /** Where scratch space is made; absent: scratch cannot be asked for. */
  scratchPath: personalPath(/^\/[^\0\n]*$/, "give an absolute path").optional(),
  maxScratchGiB: z.number().positive().default(1000),
  /** Folders that the file manager shows; absent: home, where sessions are, and scratch. */
  files: z
    .strictObject({
      roots: z
        .array(
          z.strictObject({
            title: z.string().min(1).max(40),
            /** As in sessionPath. */
            path: personalPath(/^(~|~\/[^\0\n]*|\/[^\0\n]*)$/, "give an absolute path, or one below ~"),
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
export type ClusterConfig = z.infer<typeof clusterSettings>;

const cluster = clusterSettings
  .refine(({ scheduler, ssh }) => scheduler !== "local" || !ssh, {
    path: ["ssh"],
    error: "The one-machine engine runs jobs on this machine: leave ssh out, or set scheduler: slurm.",
  })
  // Everybody would be one account there, with one another's files, jobs and terminals.
  .refine(({ account, ssh }) => account.from !== "process" || !ssh, {
    path: ["account", "from"],
    error: "process is for a cluster without ssh: there everybody has one account. Use claim or table.",
  });

const limit = z.strictObject({
  /** everyone, group:<name> or person:<subject or e-mail>. The most generous match of the most specific kind wins. */
  who: z
    .string()
    .regex(/^(everyone|(group|person):\S.*)$/, "Write everyone, group:<name> or person:<subject or e-mail address>."),
  sessions: z.number().int().min(0).optional(),
  cpus: z.number().int().min(0).optional(),
  memoryGiB: z.number().min(0).optional(),
  gpus: z.number().int().min(0).optional(),
  minutes: z.number().int().min(1).optional(),
});
export type LimitRule = z.infer<typeof limit>;

/** Scheme and host: cookies, links and the way back from signing in are of the whole origin. */
function isOrigin(url: string): boolean {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return false;
  const { pathname, search, hash, username } = new URL(url);
  return pathname === "/" && !`${search}${hash}${username}`;
}
const origin = z.string().refine(isOrigin, "Write scheme and host only, such as https://berth.example.org.");

const hostAndPort = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*(:\d+)?$/i;
const isHost = (host: string): boolean => hostAndPort.test(host) && URL.canParse(`http://${host}`);
const appHost = z.string().refine(isHost, "Write a host such as app1.example.org, without https:// and without *.");
const appsWildcard = z
  .string()
  .refine((host) => host.startsWith("*.") && isHost(host.slice(2)), 'Write "*.apps.example.org", or a list of hosts.');

/** Cookies know no ports: on the portal's own name apps and the portal would have one jar of them. */
function apartFromPortal({ url, appsHosts }: { url: string; appsHosts: string | string[] }, context: z.RefinementCtx) {
  if (!Array.isArray(appsHosts) || !URL.canParse(url)) return;
  for (const [index, host] of appsHosts.entries()) {
    if (!isHost(host) || new URL(`http://${host}`).hostname !== new URL(url).hostname) continue;
    const message = "This is the portal's own host: apps need hosts of their own.";
    context.addIssue({ code: "custom", path: ["appsHosts", index], message });
  }
}

const settings = z.strictObject({
  url: origin,
  /** A wildcard (`*.apps.example.org[:port]`) or a finite list of hosts, one per live session. */
  appsHosts: z.union(
    [
      appsWildcard,
      z
        .array(appHost)
        .min(1)
        .superRefine(named("the host", (host) => host.toLowerCase(), "")),
    ],
    'Write "*.apps.example.org", or a list of hosts.',
  ),
  /** Addresses of the reverse proxy whose X-Forwarded-* may be believed. */
  trustedProxies: z.array(addressOrNetworkSchema).default([]),
  branding: z
    .strictObject({
      title: z.string().max(40).default("Berth"),
      support: z.string().max(200).default("your research computing support"),
    })
    .prefault({}),
  signIn: z.strictObject({
    issuer: z.url({ protocol: /^https?$/, error: "Write the provider's address, such as https://sso.example.org." }),
    /** What the button says: "Sign in with <provider>". */
    provider: z.string().min(1).max(60).default("single sign-on"),
    clientId: z.string().min(1),
    scope: z
      .string()
      .refine((scope) => scope.split(" ").includes("openid"), "It must name openid.")
      .default("openid profile email"),
    /** What the provider signs id_tokens with; another algorithm is refused, whatever the token says of itself. */
    idTokenAlgorithm: z.enum(["RS256", "PS256", "ES256", "ES384", "EdDSA"]).default("RS256"),
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
  clusters: z
    .array(cluster)
    .min(1)
    .superRefine(named("a cluster called", (entry) => entry.name, "name")),
  /** Of several for one `who` each says what it names, and of what several name the most generous counts. */
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

/** The whole of portal.yaml. */
export const portalConfig = settings.superRefine(apartFromPortal);
export type PortalConfig = z.infer<typeof portalConfig>;
