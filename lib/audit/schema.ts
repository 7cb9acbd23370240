// What the examination of the audit answers. Browser and server.
import { z } from "zod";

export const auditReport = z.object({
  links: z.number(),
  /** Events that the chain covers, and newer ones that it does not yet. */
  events: z.number(),
  unsealed: z.number(),
  /** The newest link: kept elsewhere, it proves later that nothing before it was changed. */
  head: z.object({ number: z.number(), hash: z.string() }).nullable(),
  /** Links signed with a former PORTAL_SECRET: their hashes are checked, their signatures cannot be. */
  formerSecret: z.number(),
  problems: z.array(z.string()),
});
export type AuditReport = z.infer<typeof auditReport>;
