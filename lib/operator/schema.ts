// What may be asked over the operator socket.
import { z } from "zod";
import { scope, userView } from "@/lib/auth/schema";

export const operatorCommand = z.discriminatedUnion("command", [
  z.strictObject({ command: z.literal("status") }),
  z.strictObject({
    command: z.literal("token"),
    /** Subject, e-mail address, Unix account or user id. */
    who: z.string().min(1),
    days: z.number().int().min(1).max(365).optional(),
    scopes: z.array(scope).min(1).optional(),
  }),
  z.strictObject({
    command: z.literal("disable"),
    who: z.string().min(1),
    stopSessions: z.boolean().optional(),
  }),
  z.strictObject({ command: z.literal("enable"), who: z.string().min(1), stopSessions: z.undefined().optional() }),
  z.strictObject({ command: z.literal("metrics") }),
  z.strictObject({
    command: z.literal("audit"),
    /** A link of the chain that was noted earlier, and must still be what it was. */
    expect: z.object({ number: z.number().int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
  }),
]);
export type OperatorCommand = z.infer<typeof operatorCommand>;

export const operatorToken = z.object({ secret: z.string(), userId: z.string(), expiresAt: z.string() });
export const operatorUser = userView;
export const operatorMetrics = z.object({ text: z.string() });
export const operatorFault = z.object({ code: z.string(), message: z.string() });
