// Connection pools by session. A requeued job has another connection, hence another pool.
import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { Route } from "@/lib/gateway/routes";
import { type AppAccess, appAgent } from "@/lib/gateway/upstream";

type Pool = { key: string; agent: Agent; usedAt: number };

export type Pools = {
  agentFor: (route: Route, access: AppAccess) => Agent;
  drop: (sessionId: string) => void;
  dropIdle: () => void;
  close: () => void;
};

const idleMs = 120_000;

const isBusy = (agent: Agent): boolean => Object.keys(agent.sockets).length > 0;

/** Pools whose connections are opened by `connect`. */
export function agentPools(connect: (route: Route) => Promise<Duplex>): Pools {
  const pools = new Map<string, Pool>();
  const drop = (sessionId: string) => {
    pools.get(sessionId)?.agent.destroy();
    pools.delete(sessionId);
  };
  const agentFor = (route: Route, access: AppAccess): Agent => {
    const key = [route.connectionId, route.nodeAddress, route.port, access.secret].join(" ");
    const known = pools.get(route.id);
    if (known?.key === key) {
      known.usedAt = performance.now();
      return known.agent;
    }
    drop(route.id);
    const agent = appAgent(() => connect(route), access);
    pools.set(route.id, { key, agent, usedAt: performance.now() });
    return agent;
  };
  const dropIdle = () => {
    for (const [id, { agent, usedAt }] of pools) {
      if (performance.now() - usedAt > idleMs && !isBusy(agent)) drop(id);
    }
  };
  return { agentFor, drop, dropIdle, close: () => [...pools.keys()].forEach(drop) };
}
