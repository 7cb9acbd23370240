// What a session's job leaves in its directory on the cluster, read as its owner in one exchange: the connection, how it
// ended, the end of its log. Also removes what must not stay.
import { z } from "zod";
import type { Actor } from "@/lib/actor";
import { cluster } from "@/lib/clusters/cluster";
import type { RunResult } from "@/lib/clusters/run";
import { config } from "@/lib/config";
import { PortalError } from "@/lib/errors";
import type { SessionRow } from "@/lib/sessions/store";
import { tagOf } from "@/lib/templates/to-job-spec";

// A job that was adopted may be known by `~/...` only: what it means is the person's shell to say.
export const AT_HOME = `case $1 in "~/"*) directory=$HOME/\${1#??} ;; *) directory=$1 ;; esac`;

// ls first: opening the directory makes NFS clients look again instead of trusting cached attributes.
// Only regular files that the person owns are read, and of each at most so much. A log that grew long has three parts (job.sh).
const READ = `${AT_HOME}
cd -- "$directory" 2>/dev/null || { echo gone; exit 0; }
[ -O . ] || { echo gone; exit 0; }
ls -a >/dev/null 2>&1
end_of() { if [ -f "$1" ] && [ ! -L "$1" ]; then tail -c "$2" -- "$1"; fi; }
line() { base64 | tr -d '\\n'; }
for name in connection ended; do printf '%s %s\\n' "$name" "$(end_of "$name" 4096 | line)"; done
parts() { for part in log log.older log.tail; do end_of "$part" "$1"; done; }
[ "$2" -gt 0 ] && printf 'log %s\\n' "$(parts "$2" | tail -c "$2" | line)"
if [ -d claim ] && [ ! -L claim ]; then printf 'claim %s\\n' "$(ls claim | head -n 1 | base64 | tr -d '\\n')"; fi
echo done`;

// Waits for a connection that the portal does not know yet. Looking at all names opens the directory, as above, and costs no
// process; where sleep knows whole seconds only, that is what it sleeps. Most jobs that start at all start within seconds.
const AWAIT = `${AT_HOME}
left=$(($3 * 4)) quick=50
while [ "$left" -gt 0 ]; do
  if cd -- "$directory" 2>/dev/null && [ -O . ]; then
    for name in *; do :; done
    if [ -f connection ] && [ ! -L connection ]; then
      text=$(tail -c 4096 -- connection)
      case $text in *'"start":"'"$2"'"'*) ;; *) printf '%s' "$text"; exit 0 ;; esac
    fi
  fi
  if [ "$quick" -gt 0 ]; then quick=$((quick - 1)); sleep 0.1 2>/dev/null && continue; fi
  sleep 0.25 2>/dev/null || { sleep 1; left=$((left - 3)); }
  left=$((left - 1))
done`;

// Nothing outside of these two named places is touched, and scratch only when it is this session's by name. What somebody else
// made there first was never the session's (job.sh), and is not the person's to remove. On storage that is away nothing seems to
// be there: where a job has started ($4), what it was in must be there, too. A job that wrote down its end has removed its
// scratch, which may have been on its node alone.
const CLEAN = `${AT_HOME}
mine() { [ -O "$1" ] && [ ! -L "$1" ]; }
found() { [ -z "$2" ] || [ -d "\${1%/*}" ] || { printf '%s cannot be looked for\n' "$1" >&2; exit 1; }; }
found "$directory" "$4"
rm -f -- "$directory/connection" "$directory/secret" "$directory/app.sock" || exit 1
case $2 in */berth-"$3")
  [ -f "$directory/ended" ] || found "$2" "$4"
  mine "$2" && rm -rf -- "$2"
  ! mine "$2" || exit 1 ;;
esac
exit 0`;

// Only a directory of the person's own that is called like the session and says so itself, by its tag. Entered before it is
// judged: what a name points to could change in between. rm follows no links.
const SWEEP = `${AT_HOME}
refuse() { printf '%s %s\\n' "$directory" "$1" >&2; exit 3; }
[ -d "\${directory%/*}" ] || refuse 'cannot be looked for'
[ -e "$directory" ] || [ -L "$directory" ] || exit 0
[ ! -L "$directory" ] && cd -P -- "$directory" || refuse 'is not a directory'
[ -O . ] || refuse 'belongs to somebody else'
case $(pwd -P) in */"$2") ;; *) refuse 'has another name' ;; esac
[ -f tag ] && [ ! -L tag ] && [ "$(head -c 64 tag)" = "$3" ] || refuse 'is not of this session'
cd .. && rm -rf -- "./$2"`;

const connection = z.object({
  start: z.string().regex(/^[0-9a-f]{16}$/),
  job: z.string(),
  port: z.int().min(1024).max(65_535),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ConnectionFile = z.infer<typeof connection>;

export type SessionFiles = {
  /** Null until the app listens, or when the file makes no sense. */
  connection: ConnectionFile | null;
  /** The job's own account of its end: "deadline 0", "failed 3". */
  ended: { reason: string; code: number } | null;
  /** Id of the job that has started for this session, ever; only one can. */
  claim: string | null;
  log: string;
};

function parseConnection(text: string | undefined): ConnectionFile | null {
  if (!text) return null;
  try {
    return connection.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function parseEnded(text: string | undefined): SessionFiles["ended"] {
  const [, reason, code] = /^([a-z-]+) (\d+)/.exec(text ?? "") ?? [];
  return reason && code ? { reason, code: Number(code) } : null;
}

function succeeded({ code, stderr }: RunResult, what: string): void {
  if (code !== 0)
    throw new PortalError("cluster", `${what} failed.`, { words: new TextDecoder().decode(stderr).slice(0, 500) });
}

type How = { actor?: Actor; timeoutSeconds: number; maxBytes?: number; signal?: AbortSignal };

/** The small files of a session together, and whatever is said of them. */
const fewBytes = 65_536;

/** As the session's owner. A cluster that portal.yaml no longer has is unreachable: the session is not "not found". */
function runFor(row: SessionRow, argv: string[], how: How): Promise<RunResult> {
  if (!config().clusters.some(({ name }) => name === row.cluster)) {
    throw new PortalError("cluster", `${row.cluster} is not part of this portal any more.`);
  }
  const { actor, ...limits } = how;
  return cluster(row.cluster, actor).reach.run(argv, { user: row.unixAccount, ...limits });
}

/** Reads the session's files, for `actor` where a person wants them; all empty when its directory is not there. Throws when the cluster does not answer. */
export async function readSessionFiles(row: SessionRow, logBytes: number, actor?: Actor): Promise<SessionFiles> {
  if (!row.directory) return { connection: null, ended: null, claim: null, log: "" };
  const argv = ["/bin/sh", "-c", READ, "sh", row.directory, String(logBytes)];
  // As much as READ prints, in base64; the person's shell may print more.
  const result = await runFor(row, argv, { actor, timeoutSeconds: 15, maxBytes: 2 * logBytes + fewBytes });
  succeeded(result, "Reading the session's files");
  const lines = new TextDecoder().decode(result.stdout).split("\n");
  const files = new Map(
    lines.map((line) => [line.split(" ")[0], Buffer.from(line.split(" ")[1] ?? "", "base64").toString("utf8")]),
  );
  return {
    connection: parseConnection(files.get("connection")),
    ended: parseEnded(files.get("ended")),
    claim: /^\d{1,12}$/.exec(files.get("claim")?.trim() ?? "")?.[0] ?? null,
    log: logBytes > 0 ? (files.get("log") ?? "").slice(-logBytes) : "",
  };
}

/** Waits on the cluster for a connection other than the one that the row has; null when none came in time. */
export async function awaitConnection(
  row: SessionRow,
  seconds: number,
  signal: AbortSignal,
): Promise<ConnectionFile | null> {
  const argv = [
    "/bin/sh",
    "-c",
    AWAIT,
    "sh",
    row.directory ?? "",
    row.connectionId ?? "none",
    String(Math.ceil(seconds)),
  ];
  const result = await runFor(row, argv, { timeoutSeconds: seconds + 15, signal, maxBytes: fewBytes });
  succeeded(result, "Waiting for the session's connection");
  return parseConnection(new TextDecoder().decode(result.stdout));
}

/** Removes secret, connection and scratch of an ended session. Safe to repeat. Throws when one is still there, or may be. */
export async function removeLeftovers(row: SessionRow): Promise<void> {
  if (!row.directory) return;
  // One that was requeued waits anew, and has no start then.
  const hasRun = row.startedAt !== null || row.earlierSeconds > 0;
  const argv = ["/bin/sh", "-c", CLEAN, "sh", row.directory, row.scratch ?? "", row.id, hasRun ? "started" : ""];
  succeeded(await runFor(row, argv, { timeoutSeconds: 120 }), "Removing what the session left");
}

/** Removes the directory of a session that ended long ago. Gone is fine; throws, and touches nothing, when it is not clearly that. */
export async function removeDirectory(row: SessionRow): Promise<void> {
  if (!row.directory) return;
  const argv = ["/bin/sh", "-c", SWEEP, "sh", row.directory, row.id, tagOf(row.id)];
  succeeded(await runFor(row, argv, { timeoutSeconds: 120 }), "Removing the session's directory");
}
