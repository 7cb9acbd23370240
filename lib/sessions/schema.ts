// The compute session as the API speaks of it: what may be asked for, and what is shown. Browser and server.
import { z } from "zod";
import { plainText, templateName } from "@/lib/templates/schema";

export const sessionId = z.string().regex(/^[a-z][a-z0-9]{15}$/, "Not a session id.");

/** Partition, account, QOS, reservation, GPU type: one argv element, never an option. */
const word = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.@+-]*$/, "Use letters, digits and _ . @ + - only, starting with a letter or digit.");

/** A feature expression of `sbatch --constraint`: features joined by & and |, optional counts and groups. */
const constraint = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9([][A-Za-z0-9_.@+*&|()[\]-]*$/, "Use feature names joined by & or |.");

const absolutePath = plainText(1024).refine(
  (path) => (path.startsWith("/") || path === "~" || path.startsWith("~/")) && !path.split("/").includes(".."),
  "Give an absolute path, or one that starts with ~/, without '..'.",
);

export const moduleName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.+/-]*$/, "Not a module name.")
  // Some module systems would read a file outside of the module path.
  .refine((name) => !name.split("/").includes(".."), "Not a module name.");

const parameterName = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "Not a parameter name.");

export const software = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("host") }),
  z.strictObject({
    kind: z.literal("modules"),
    modules: z.array(moduleName).min(1, "Choose at least one module.").max(32),
  }),
  z.strictObject({ kind: z.literal("image"), image: word }),
]);

/** What a person asks for. Unknown keys are refused. */
export const resourceRequest = z.strictObject({
  template: templateName,
  cluster: word,
  name: plainText(80).trim().optional(),
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  reservation: word.optional(),
  constraint: constraint.optional(),
  nodes: z.int("Whole nodes only.").min(1, "At least 1 node.").max(10_000).optional(),
  cpus: z.int("Whole cores only.").min(1, "At least 1 core.").max(100_000),
  memoryGiB: z.number().min(0.1, "At least 0.1 GiB.").max(100_000),
  gpus: z.int("Whole GPUs only.").min(0, "Not less than 0.").max(10_000).optional(),
  gpuType: word.optional(),
  scratchGiB: z.number().min(0, "Not less than 0.").max(1_000_000).optional(),
  minutes: z.int("Whole minutes only.").min(1, "At least 1 minute.").max(525_600),
  workdir: absolutePath.optional(),
  software: software.optional(),
  parameters: z.record(parameterName, z.union([plainText(4096), z.number(), z.boolean()])).optional(),
});
export type ResourceRequest = z.infer<typeof resourceRequest>;

/** What was accepted once, by the rules of that day: shown as it is, and never judged again. */
export const acceptedRequest = z.object({
  template: z.string(),
  cluster: z.string(),
  name: z.string().optional(),
  partition: z.string().optional(),
  account: z.string().optional(),
  qos: z.string().optional(),
  reservation: z.string().optional(),
  constraint: z.string().optional(),
  nodes: z.number().optional(),
  cpus: z.number(),
  memoryGiB: z.number(),
  gpus: z.number().optional(),
  gpuType: z.string().optional(),
  scratchGiB: z.number().optional(),
  minutes: z.number(),
  workdir: z.string().optional(),
  software: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("host") }),
      z.object({ kind: z.literal("modules"), modules: z.array(z.string()) }),
      z.object({ kind: z.literal("image"), image: z.string() }),
    ])
    .optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

export const sessionStates = ["submitting", "queued", "starting", "ready", "stopping", "ended"] as const;
export const sessionState = z.enum(sessionStates);
export type SessionState = z.infer<typeof sessionState>;

export const endReasons = [
  "stopped",
  "idle",
  "deadline",
  "finished",
  "failed",
  "out-of-memory",
  "time-limit",
  "start-timeout",
  "node-failed",
  "preempted",
  "cancelled",
  "rejected",
  "lost",
] as const;
export const endReason = z.enum(endReasons);
export type EndReason = z.infer<typeof endReason>;

const instant = z.iso.datetime().nullable();

/** What may be done with a session now; the reason when not. Computed by rules.ts on the server for this person. */
export const sessionView = z.object({
  id: sessionId,
  owner: z.object({ id: z.string(), name: z.string() }).optional().describe("Whose it is, in a list of everyone's"),
  name: z.string(),
  template: z.string(),
  templateTitle: z.string(),
  templateVersion: z.string(),
  state: sessionState,
  endReason: endReason.nullable(),
  endDetail: z.string().nullable().describe("One sentence for the person"),
  endWords: z.string().nullable().describe("The scheduler's own words"),
  jobId: z.string().nullable(),
  cluster: z.string(),
  partition: z.string().nullable(),
  account: z.string().nullable(),
  unixAccount: z.string(),
  node: z.string().nullable(),
  directory: z.string().nullable(),
  submittedAt: z.iso.datetime(),
  queuedAt: instant,
  startedAt: instant,
  readyAt: instant,
  endsAt: instant.describe("When the time asked for is over"),
  limitAt: instant.describe("The scheduler's hard limit: can be extended until"),
  stopRequestedAt: instant,
  endedAt: instant,
  lastActivityAt: instant,
  request: acceptedRequest,
  native: z
    .object({ state: z.string(), reason: z.string(), exitCode: z.number().nullable(), signal: z.number().nullable() })
    .nullable(),
  queue: z
    .object({
      position: z.number().nullable(),
      reason: z.string(),
      words: z.string().nullable(),
      expectedStartAt: instant,
    })
    .nullable(),
  /** Set while the scheduler does not answer: what is shown is as of then. */
  staleSince: instant,
  clusterRemoved: z
    .boolean()
    .describe("Its cluster is no longer configured: it does not count against limits and is ended after its time"),
  sharedNodeWarning: z
    .boolean()
    .describe("The app listens on loopback of a shared node: other users of the node can reach it"),
});
export type SessionView = z.infer<typeof sessionView>;

export const verdictReason = z.object({
  field: z.string(),
  message: z.string(),
  fix: z.object({ label: z.string(), value: z.union([z.string(), z.number()]) }).nullable(),
});
/** What policy and quota say of a request. */
export const verdict = z.object({ allowed: z.boolean(), reasons: z.array(verdictReason) });
export type Verdict = z.infer<typeof verdict>;

/** Answer of POST /api/sessions/preview: nothing is submitted. */
export const requestPreview = z.object({
  verdict,
  command: z.array(z.string()).describe("The exact argv that would run"),
  limitMinutes: z.number().describe("--time: can be extended to"),
  estimate: z
    .object({ accepted: z.boolean(), expectedStartAt: instant, node: z.string().nullable(), words: z.string() })
    .nullable(),
});
export type RequestPreview = z.infer<typeof requestPreview>;

export const sessionLog = z.object({
  text: z.string(),
  truncated: z.boolean(),
  at: z.iso.datetime(),
  final: z.boolean(),
});
export type SessionLog = z.infer<typeof sessionLog>;

export const ticketAnswer = z.object({ url: z.url(), expiresAt: z.iso.datetime() });
