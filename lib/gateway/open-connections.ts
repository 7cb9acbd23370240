// Everything that is open between a browser and an app at the moment, so that it can be cut: when its login ends, its
// session ends, or the portal stops.
import type { Holder } from "@/lib/gateway/app-cookie";

export type Open = { sessionId: string; holder: Holder; isTunnel: boolean; cut: () => void };

export type OpenConnections = {
  /** Returns what removes it again; null when this session has too many already. */
  add: (open: Open) => (() => void) | null;
  /** Cuts what `mayStay` refuses. Asked once per session and login, not per connection. */
  sweep: (mayStay: (open: Open) => Promise<boolean>) => Promise<void>;
  cutAll: () => void;
  /** Cuts what never ends by itself. */
  cutTunnels: () => void;
  count: () => number;
};

/** A JupyterLab with many kernels has some dozens; a loop that opens sockets is stopped here. */
const mostPerSession = 512;

export function openConnections(): OpenConnections {
  const bySession = new Map<string, Set<Open>>();

  const add = (open: Open) => {
    const set = bySession.get(open.sessionId) ?? new Set();
    if (set.size >= mostPerSession) return null;
    bySession.set(open.sessionId, set.add(open));
    return () => {
      set.delete(open);
      if (set.size === 0 && bySession.get(open.sessionId) === set) bySession.delete(open.sessionId);
    };
  };
  const all = () => [...bySession.values()].flatMap((set) => [...set]);

  const sweep = async (mayStay: (open: Open) => Promise<boolean>) => {
    const groups = Map.groupBy(all(), ({ sessionId, holder }) => `${sessionId} ${holder.kind} ${holder.via}`);
    await Promise.all(
      [...groups.values()].map(async (group) => {
        const [first] = group;
        // A database that does not answer is no reason to cut anybody.
        const stays = !first || (await mayStay(first).catch(() => true));
        if (!stays) for (const open of group) open.cut();
      }),
    );
  };

  const cut = (chosen: Open[]) => {
    for (const open of chosen) open.cut();
  };
  return {
    add,
    sweep,
    cutAll: () => cut(all()),
    cutTunnels: () => cut(all().filter(({ isTunnel }) => isTunnel)),
    count: () => all().length,
  };
}
