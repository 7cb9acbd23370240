// Everything here that can be asked for as a WebSocket. serveUpgrade() takes what is in this table and nothing else, and the
// attacks ask for each of it as everybody (e2e/attacks/upgrade-table.ts): a new kind needs its handler and its rows.
import type { Place } from "@/lib/gateway/hosts";

type Address = {
  /** Whose host it is on. */
  on: Place["kind"];
  /** What is captured names what is asked for. */
  path: RegExp;
};

export const upgrades = {
  app: { on: "app", path: /^/ },
  terminal: { on: "portal", path: /^\/api\/terminals\/([0-9a-f]{32})\/socket$/ },
  /** Next's own, which only a server for development has. */
  development: { on: "portal", path: /^\/_next\// },
} satisfies Record<string, Address>;

export type UpgradeKind = keyof typeof upgrades;

/** Which of them is asked for there, and what its address captured. Null when it is none. */
export function upgradeOf(place: Place, url: string): { kind: UpgradeKind; id: string } | null {
  for (const [kind, { on, path }] of Object.entries(upgrades)) {
    const found = on === place.kind && path.exec(url);
    // Object.entries forgets the names.
    if (found) return { kind: kind as UpgradeKind, id: found[1] ?? "" };
  }
  return null;
}
