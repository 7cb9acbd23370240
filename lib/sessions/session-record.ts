// What was asked for, written beside the job's other files: enough to make the session's row again when the database was
// restored from an older backup. Sealed: whoever has the account can remove it, but neither change nor make one, and so cannot
// have a session that was never judged. Who owns it still comes from the Unix account.
import { z } from "zod";
import { cluster } from "@/lib/clusters/cluster";
import { PortalError } from "@/lib/errors";
import type { JobFile } from "@/lib/scheduler/scheduler";
import { seal, unseal } from "@/lib/seal";
import { acceptedRequest, sessionId } from "@/lib/sessions/schema";
import { AT_HOME } from "@/lib/sessions/session-files";
import type { SessionRow } from "@/lib/sessions/store";
import { plainText } from "@/lib/templates/schema";

const FILE = "record";
const PURPOSE = "session record";
/** A request's body has at most 256 KiB, which sealing makes a third longer. */
const MAX_BYTES = 524_288;

const record = z.object({
  /** Whose installation's session it is. */
  instance: z.string(),
  id: sessionId,
  /** User id of the owner: tells people apart who share one Unix account, and nothing else. */
  owner: z.string(),
  idempotencyKey: z.string().min(1).max(255),
  requestHash: z.string().regex(/^[0-9a-f]{64}$/),
  name: plainText(80),
  templateVersion: plainText(80),
  request: acceptedRequest,
});
export type SessionRecord = z.infer<typeof record>;

/** The file that goes into the session's directory with its job. */
export function recordFile(row: SessionRow, instance: string): JobFile {
  const { id, ownerId: owner, idempotencyKey, requestHash, name, templateVersion, request } = row;
  const kept = { instance, id, owner, idempotencyKey, requestHash, name, templateVersion, request };
  return { name: FILE, content: new TextEncoder().encode(seal(JSON.stringify(kept), PURPOSE)) };
}

// As READ in session-files.ts: only a regular file of the person's own, and not more than so much of it.
const READ = `${AT_HOME}
cd -- "$directory" 2>/dev/null && [ -O . ] && [ -f "$2" ] && [ ! -L "$2" ] || exit 0
head -c "$3" -- "$2"`;

export type Place = { cluster: string; unixAccount: string; directory: string };

/** The record in a session's directory; null when there is none that this portal wrote. Throws when the cluster does not answer. */
export async function readRecord({ cluster: name, unixAccount, directory }: Place): Promise<SessionRecord | null> {
  const argv = ["/bin/sh", "-c", READ, "sh", directory, FILE, String(MAX_BYTES)];
  const { code, stdout } = await cluster(name).reach.run(argv, {
    user: unixAccount,
    timeoutSeconds: 15,
    maxBytes: 2 * MAX_BYTES,
  });
  if (code !== 0) throw new PortalError("cluster", "Reading the session's record failed.");
  try {
    return record.parse(JSON.parse(unseal(new TextDecoder().decode(stdout), PURPOSE)));
  } catch {
    return null;
  }
}
