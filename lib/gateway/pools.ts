// Connection pools by session and login: what one login opened serves no other. A requeued job has another connection, hence another pool.
import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { Holder } from "@/lib/gateway/app-cookie";
import { type KeptConnections, keptConnections } from "@/lib/gateway/kept-connections";
import type { Route } from "@/lib/gateway/routes";
import { type AppAccess, appAgent, openConnection } from "@/lib/gateway/upstream";

/** Connections for plain requests, and node:http's own for all others. */
export type AppPool = {
  agent: Agent;
  kept: KeptConnections;
  /** The app's answers need node:http's parser. */
  isOdd: boolean;
};
type Pool = AppPool & { sessionId: string; key: string; usedAt: number };

export type Pools = {
  poolFor: (route: Route, access: AppAccess, holder: Holder) => AppPool;
  drop: (sessionId: string) => void;
  dropIdle: () => void;
  close: () => void;
};

const idleMs = 120_000;

const isBusy = ({ agent, kept }: AppPool): boolean => Object.keys(agent.sockets).length > 0 || kept.isBusy();

/** Pools whose connections are opened by `connect`. */
export function agentPools(connect: (route: Route, holder: Holder) => Promise<Duplex>): Pools {
  const pools = new Map<string, Pool>();
  const dropOne = (name: string) => {
    pools.get(name)?.agent.destroy();
    pools.get(name)?.kept.close();
    pools.delete(name);
  };
  const drop = (sessionId: string) => {
    for (const [name, pool] of pools) if (pool.sessionId === sessionId) dropOne(name);
  };
  const poolFor = (route: Route, access: AppAccess, holder: Holder): AppPool => {
    const name = `${route.id} ${holder.kind} ${holder.via}`;
    const key = [route.connectionId, route.nodeAddress, route.port, access.secret].join(" ");
    const known = pools.get(name);
    if (known?.key === key) {
      known.usedAt = performance.now();
      return known;
    }
    dropOne(name);
    const open = () => connect(route, holder);
    const kept = keptConnections(() => openConnection(open, access));
    const agent = appAgent(open, access);
    const pool = { agent, kept, isOdd: false, sessionId: route.id, key, usedAt: performance.now() };
    pools.set(name, pool);
    return pool;
  };
  const dropIdle = () => {
    for (const [name, pool] of pools) {
      if (performance.now() - pool.usedAt > idleMs && !isBusy(pool)) dropOne(name);
    }
  };
  return { poolFor, drop, dropIdle, close: () => [...pools.keys()].forEach(dropOne) };
}
