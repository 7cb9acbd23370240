// Makes logs live: while somebody reads the log of a running session, the process that served it looks every two seconds
// whether the file grew, once per session however many people read, and tells every event stream of the owner.
import type { PersonActor } from "@/lib/actor";
import { cluster } from "@/lib/clusters/cluster";
import { notify, transaction } from "@/lib/db";
import { once } from "@/lib/once";
import { AT_HOME } from "@/lib/sessions/session-files";
import type { SessionRow } from "@/lib/sessions/store";

const everyMs = 2000;
/** A reader asks again at least this often; after that nobody is there. */
const keptMs = 45_000;

/** `actor`: who read it last, for whom it is looked at. */
type Followed = {
  actor: PersonActor;
  row: SessionRow;
  untilMs: number;
  size: string | null;
  busy: boolean;
  /** Every reader waits for it: what is printed after that look is told. */
  first?: Promise<void>;
};
// Sizes and inodes: a part that became another one (job.sh) is a change, too, although it may be as long as the last.
const SIZES = `${AT_HOME}; cd -- "$directory" && ls -ldin log log.older log.tail 2>/dev/null; exit 0`;

type Followers = { sessions: Map<string, Followed>; timer: NodeJS.Timeout | null };

const followers = () => once("log-followers", (): Followers => ({ sessions: new Map(), timer: null }));

async function sizeOf(actor: PersonActor, row: SessionRow): Promise<string> {
  const argv = ["/bin/sh", "-c", SIZES, "sh", row.directory ?? ""];
  const options = { user: row.unixAccount, timeoutSeconds: 10, maxBytes: 16_384 };
  const { stdout } = await cluster(row.cluster, actor).reach.run(argv, options);
  return new TextDecoder().decode(stdout).trim();
}

async function look(followed: Followed): Promise<void> {
  if (followed.busy) return;
  followed.busy = true;
  try {
    const size = await sizeOf(followed.actor, followed.row);
    const grew = followed.size !== null && followed.size !== size;
    followed.size = size;
    const { id, ownerId } = followed.row;
    if (grew) await transaction((tx) => notify(tx, { kind: "log", id, ownerId }));
  } catch {
    // The next look tries again; a reader meanwhile sees the error of the log itself.
  } finally {
    followed.busy = false;
  }
}

function lookAtAll(): void {
  const current = followers();
  for (const [id, followed] of current.sessions) {
    if (performance.now() > followed.untilMs) current.sessions.delete(id);
    else void look(followed);
  }
  if (current.sessions.size > 0 || !current.timer) return;
  clearInterval(current.timer);
  current.timer = null;
}

/** Goes on watching the log of `row` for a while. Called before each time that somebody reads it: whatever comes after that is told. */
export async function followLog(actor: PersonActor, row: SessionRow): Promise<void> {
  const current = followers();
  const known = current.sessions.get(row.id);
  const followed: Followed = known ?? { actor, row, untilMs: 0, size: null, busy: false };
  current.sessions.set(row.id, Object.assign(followed, { actor, row, untilMs: performance.now() + keptMs }));
  current.timer ??= setInterval(lookAtAll, everyMs).unref();
  followed.first ??= look(followed);
  await followed.first;
  // One that failed saw nothing.
  if (followed.size === null) followed.first = undefined;
}
