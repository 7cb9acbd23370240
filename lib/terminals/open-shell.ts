// Opens the shell of a terminal where it belongs: on a login node, inside a session's allocation, or on this machine; held by
// tmux where there is one. A terminal that tmux holds is found again, with its lines.
import type { Actor } from "@/lib/actor";
import { type Cluster, cluster } from "@/lib/clusters/cluster";
import type { TerminalChannel } from "@/lib/clusters/run";
import { shellIn } from "@/lib/clusters/terminal-command";
import { config } from "@/lib/config";
import { db } from "@/lib/db";
import { isPortalError, PortalError } from "@/lib/errors";
import { log } from "@/lib/log";
import { readSession } from "@/lib/sessions/store";
import { aboveScreen, wasOpened } from "@/lib/terminals/rules";
import type { ScreenSize } from "@/lib/terminals/schema";
import type { TerminalRow } from "@/lib/terminals/store";
import { type Tmux, tmuxOf } from "@/lib/terminals/tmux";
import { throughControl } from "@/lib/terminals/tmux-control";

export type Shell = {
  channel: TerminalChannel;
  heldBy: "tmux" | "portal";
  /** What was on the screen and above before, when the shell was found again. */
  before: string;
  /** tmux answers what its program asks of a terminal, and the page must not as well. */
  isAnswered: boolean;
};

/** A shell that tmux holds is on one login node, and the one that answers now may be another: unknown is not gone. */
const ELSEWHERE =
  "The login node that answers now has not the shell that tmux held: that is on another one, or gone. End this terminal if you know that it is.";
const hasOtherNodes = (row: TerminalRow): boolean => (cluster(row.cluster).config.ssh?.hosts.length ?? 0) > 1;

const nameOf = ({ id }: TerminalRow): string => `berth-${id}`;

const tmuxFor = (row: TerminalRow, at: Cluster): Tmux =>
  tmuxOf(at.reach.run, { user: row.unixAccount, cluster: row.cluster, name: nameOf(row) });

/** What to run: null is a login shell at home. */
async function commandOf(row: TerminalRow, at: Cluster): Promise<string[] | null> {
  const shell = row.folder ? shellIn(row.folder) : null;
  if (!row.sessionId) return shell;
  const session = await readSession(db(), { ownerId: row.ownerId }, row.sessionId);
  if (!session.jobId || session.state === "ended") {
    throw new PortalError("conflict", "The session's job does not run any more, so nothing can be opened inside it.");
  }
  // Asked first: what srun says on its way out would be gone before anybody could read it.
  const words = await at.scheduler.refusesToEnter?.(row.unixAccount, session.jobId);
  if (words) throw new PortalError("cluster", "The cluster starts nothing inside this session's job:", { words });
  const inside = shellIn(row.folder ?? session.directory ?? "/");
  return at.scheduler.enter?.(session.jobId, inside) ?? inside;
}

/** Whether tmux will do; a cluster that cannot say so now gets a plain shell. */
async function wantsTmux(row: TerminalRow, tmux: Tmux): Promise<boolean> {
  if (row.heldBy) return row.heldBy === "tmux";
  if (config().terminals.tmux === "never") return false;
  return tmux.isThere().catch((error: unknown) => {
    log().info({ err: error, cluster: row.cluster }, "terminal.tmux-unknown");
    return false;
  });
}

/** Null where there is a tmux that will not: a shell that the portal holds is better than none. */
async function tmuxOpens(row: TerminalRow, open: () => ReturnType<Tmux["open"]>) {
  try {
    return await open();
  } catch (error) {
    // The cluster's own refusal would be the next shell's too.
    if (isPortalError(error)) throw error;
    log().warn({ err: error, cluster: row.cluster }, "terminal.tmux-failed");
    return null;
  }
}

/**
 * Opens it, or finds it again: null when tmux held it and has it no more, for an empty shell in its place would look as if
 * nothing had happened. Throws PortalError.
 */
export async function openShell(row: TerminalRow, size: ScreenSize, asker: Actor): Promise<Shell | null> {
  const at = cluster(row.cluster, asker);
  const tmux = tmuxFor(row, at);
  const user = row.unixAccount;
  const lines = config().terminals.scrollbackLines;
  const attach = async (isFound: boolean): Promise<Shell> => {
    if (await tmux.handsOn()) {
      const control = await at.reach.terminal({ user, ...size, argv: tmux.controlArgv });
      const channel = await throughControl(control, { name: nameOf(row), size, lines, stillThere: tmux.stillThere });
      return { channel, heldBy: "tmux", before: "", isAnswered: true };
    }
    const before = isFound ? aboveScreen(await tmux.history(lines), size.rows) : "";
    const channel = await at.reach.terminal({ user, ...size, argv: tmux.attachArgv });
    return { channel, heldBy: "tmux", before, isAnswered: false };
  };
  if (wasOpened(row) && row.heldBy === "tmux") {
    if (await tmux.stillThere()) return attach(true);
    if (hasOtherNodes(row)) throw new PortalError("cluster", ELSEWHERE);
    return null;
  }
  const command = await commandOf(row, at);
  // Also a new one may be there: the portal died before it had written down that tmux holds it.
  const found = (await wantsTmux(row, tmux))
    ? await tmuxOpens(row, () => tmux.open(size, lines, command ?? undefined))
    : null;
  if (found === "there") return attach(true);
  if (found === "made") {
    try {
      return await attach(false);
    } catch (error) {
      log().warn({ err: error, cluster: row.cluster }, "terminal.tmux-failed");
      // Nobody has seen it: one that the portal holds is better than one that nobody will.
      await tmux.end().catch(() => {});
    }
  }
  const channel = await at.reach.terminal({ user, ...size, ...(command ? { argv: command } : {}) });
  return { channel, heldBy: "portal", before: "", isAnswered: false };
}

/** Whether tmux still holds it, or may hold it on another node: then losing sight of it was not its end. */
export async function isHeld(row: TerminalRow, wasConnectionLost: boolean): Promise<boolean> {
  const isThere = await tmuxFor(row, cluster(row.cluster)).stillThere();
  return isThere || (wasConnectionLost && hasOtherNodes(row));
}

/** Whether the job that the terminal is inside of has ended. False on a login node; rejects when the cluster does not say. */
export async function hasJobEnded(row: TerminalRow): Promise<boolean> {
  if (!row.sessionId) return false;
  const { jobId } = await readSession(db(), { ownerId: row.ownerId }, row.sessionId);
  const jobs = await cluster(row.cluster).scheduler.jobs({ owner: row.unixAccount });
  const state = jobs.find(({ id }) => id === jobId)?.state ?? "ended";
  return state === "completing" || state === "ended";
}

/** Ends what tmux holds. False where it was not found, but may be on another node. */
export async function endHeld(row: TerminalRow): Promise<boolean> {
  return (await tmuxFor(row, cluster(row.cluster)).end()) === "ended" || !hasOtherNodes(row);
}
