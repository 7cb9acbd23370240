// A terminal's row as the API shows it.
import { config } from "@/lib/config";
import { idleEnd } from "@/lib/terminals/rules";
import { type TerminalView, terminalState } from "@/lib/terminals/schema";
import type { TerminalRow } from "@/lib/terminals/store";

export function viewTerminal(row: TerminalRow): TerminalView {
  const state = terminalState.parse(row.state);
  const endsAt = idleEnd(row.lastActivityAt, config().terminals.idleMinutes);
  return {
    id: row.id,
    name: row.name,
    cluster: row.cluster,
    sessionId: row.sessionId,
    state,
    heldBy: row.heldBy === "tmux" || row.heldBy === "portal" ? row.heldBy : null,
    createdAt: row.createdAt.toISOString(),
    lastActivityAt: row.lastActivityAt.toISOString(),
    idleEndsAt: state === "ended" ? null : endsAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endDetail: row.endDetail,
  };
}
