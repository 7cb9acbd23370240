// What a person may use at once, and what of it is used. Browser and server.
import { z } from "zod";

export const limitNames = ["sessions", "cpus", "memoryGiB", "gpus"] as const;
export type LimitName = (typeof limitNames)[number];

/** Sums over a person's live sessions. */
export type Use = Record<LimitName, number>;

/** null: no limit. `source` says whose rule it is, for people. */
export const limits = z.object({
  sessions: z.object({ max: z.number().nullable(), source: z.string() }),
  cpus: z.object({ max: z.number().nullable(), source: z.string() }),
  memoryGiB: z.object({ max: z.number().nullable(), source: z.string() }),
  gpus: z.object({ max: z.number().nullable(), source: z.string() }),
  minutes: z.object({ max: z.number().nullable(), source: z.string() }),
});
export type Limits = z.infer<typeof limits>;
