// A cluster as the API speaks of it: what it has, what is free, what this person may use. Browser and server.
import { z } from "zod";

const gpu = z.object({ type: z.string(), total: z.number(), free: z.number(), perNode: z.number() });

export const partitionView = z.object({
  name: z.string(),
  up: z.boolean(),
  isDefault: z.boolean(),
  hidden: z.boolean().default(false).describe("Left out of lists by the site; who knows its name may ask for it"),
  maxMinutes: z.number().nullable(),
  defaultMinutes: z.number().nullable(),
  maxNodes: z.number().nullable(),
  cpusTotal: z.number(),
  cpusFree: z.number(),
  cpusPerNode: z.number(),
  memoryMiBPerNode: z.number(),
  gpus: z.array(gpu),
  features: z.array(z.string()),
  allowAccounts: z.array(z.string()),
  allowQos: z.array(z.string()),
  qos: z.string().nullable().default(null).describe("Its own QOS, whose limits hold for every job in it"),
});
export type PartitionView = z.infer<typeof partitionView>;

export const clusterView = z.object({
  name: z.string(),
  title: z.string(),
  kind: z.enum(["slurm", "local", "fake"]),
  /** local engine: one machine, people are not isolated from each other. Shown on sign-in and cluster pages. */
  notice: z.string().nullable(),
  scheduler: z.string().nullable(),
  up: z.boolean(),
  staleSince: z.iso.datetime().nullable(),
  error: z.string().nullable(),
  partitions: z.array(partitionView),
  running: z.number(),
  queued: z.number(),
  accounting: z.boolean(),
  modules: z.boolean().describe("Environment modules can be chosen here"),
  /** This person there. */
  me: z.object({
    account: z.string().nullable().describe("Unix account, once known"),
    admitted: z.boolean(),
    words: z.string().nullable().describe("Which step is missing and whom to ask"),
    accounts: z.array(z.string()),
    defaultAccount: z.string().nullable(),
    qos: z.array(z.string()),
    defaultQos: z
      .array(z.object({ account: z.string(), qos: z.string() }))
      .describe("QOS of a job that asks for none, by account"),
    walltimes: z
      .array(
        z.object({
          of: z.enum(["qos", "account"]),
          name: z.string(),
          minutes: z.number(),
          isFirst: z.boolean().optional().describe("Comes before the limits of a partition's own QOS"),
        }),
      )
      .describe("The longest walltime of a QOS or account, where the scheduler limits it"),
    qosBeyondPartition: z
      .array(z.string())
      .optional()
      .describe("QOS whose jobs may run for longer than their partition lets others"),
  }),
});
export type ClusterView = z.infer<typeof clusterView>;

export const moduleList = z.object({ items: z.array(z.string()), nextCursor: z.string().nullable() });
