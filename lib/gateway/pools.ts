// Connection pools by session and login: what one login opened serves no other. A requeued job has another connection, hence another pool.
import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { Holder } from "@/lib/gateway/app-cookie";
import type { Route } from "@/lib/gateway/routes";
import { type AppAccess, appAgent } from "@/lib/gateway/upstream";

type Pool = { sessionId: string; key: string; agent: Agent; usedAt: number };

export type Pools = {
  agentFor: (route: Route, access: AppAccess, holder: Holder) => Agent;
  drop: (sessionId: string) => void;
  dropIdle: () => void;
  close: () => void;
};

const idleMs = 120_000;

const isBusy = (agent: Agent): boolean => Object.keys(agent.sockets).length > 0;

/** Pools whose connections are opened by `connect`. */
export function agentPools(connect: (route: Route, holder: Holder) => Promise<Duplex>): Pools {
  const pools = new Map<string, Pool>();
  const dropOne = (name: string) => {
    pools.get(name)?.agent.destroy();
    pools.delete(name);
  };
  const drop = (sessionId: string) => {
    for (const [name, pool] of pools) if (pool.sessionId === sessionId) dropOne(name);
  };
  const agentFor = (route: Route, access: AppAccess, holder: Holder): Agent => {
    const name = `${route.id} ${holder.kind} ${holder.via}`;
    const key = [route.connectionId, route.nodeAddress, route.port, access.secret].join(" ");
    const known = pools.get(name);
    if (known?.key === key) {
      known.usedAt = performance.now();
      return known.agent;
    }
    dropOne(name);
    const agent = appAgent(() => connect(route, holder), access);
    pools.set(name, { sessionId: route.id, key, agent, usedAt: performance.now() });
    return agent;
  };
  const dropIdle = () => {
    for (const [name, { agent, usedAt }] of pools) {
      if (performance.now() - usedAt > idleMs && !isBusy(agent)) dropOne(name);
    }
  };
  return { agentFor, drop, dropIdle, close: () => [...pools.keys()].forEach(dropOne) };
}
