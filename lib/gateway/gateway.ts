// The gateway: requests and WebSockets for sessions' apps, each on its session's own origin. Takes what it needs as
// functions, so that it runs over real sockets without a database; portal-gateway.ts gives it the real ones.
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Admission, type AppPlace, admit, admitUpgrade, isFromElsewhere } from "@/lib/gateway/admit";
import type { Holder } from "@/lib/gateway/app-cookie";
import { type AppRequest, clearSiteData, type Entrance, enter, enterPath } from "@/lib/gateway/enter";
import type { TowardsApp } from "@/lib/gateway/header-rules";
import { type OpenConnections, openConnections } from "@/lib/gateway/open-connections";
import { sendPage } from "@/lib/gateway/pages";
import { forwardPlain, isPlain } from "@/lib/gateway/plain-exchange";
import { agentPools, type Pools } from "@/lib/gateway/pools";
import { forwardRequest } from "@/lib/gateway/proxy";
import { pageFor, type Refusal } from "@/lib/gateway/refusals";
import type { Route } from "@/lib/gateway/routes";
import { answerUpgrade, openTunnel } from "@/lib/gateway/tunnel";
import { type AppAccess, isCrowded, openConnection, secretHeaderOf } from "@/lib/gateway/upstream";
import { metrics } from "@/lib/metrics";

export type GatewayParts = Entrance & {
  connect: (route: Route, holder: Holder) => Promise<Duplex>;
  /** A person used the session just now. */
  onActivity: (sessionId: string) => void;
  onUnreachable: (error: unknown, route: Route) => void;
};

export type AppUpgrade = { request: IncomingMessage; socket: Duplex; head: Buffer; place: AppPlace };

export type Gateway = {
  handle: (asked: AppRequest) => Promise<void>;
  upgrade: (asked: AppUpgrade) => Promise<void>;
  /** Cuts whatever lost its login, owner or session. */
  sweep: () => Promise<void>;
  /** For a stop: browsers open their WebSockets again, at whichever process then serves. */
  cutTunnels: () => void;
  /** Requests and tunnels that are open now. */
  count: () => number;
  close: () => void;
};

type Running = GatewayParts & { open: OpenConnections; pools: Pools };
type Through = { route: Route; holder: Holder; access: AppAccess; towards: TowardsApp };

function accessOf({ manifest, secret, nodeAddress, port }: Route): AppAccess | null {
  return manifest && secret && nodeAddress && port ? { manifest, secret } : null;
}

/** Counted by admission: an increment is all that the path of a request has room for. */
const count = (kind: "http" | "upgrade", found: { refusal: Refusal } | object): void =>
  metrics().gatewayRequests.inc({ kind, outcome: "refusal" in found ? found.refusal.why : "admitted" });

function refuse({ gate }: Running, asked: Pick<AppRequest, "request" | "response">, refusal: Refusal): void {
  if (asked.response.headersSent || asked.response.destroyed) return;
  const leftover = refusal.why === "ended" && Array.isArray(gate.hosts.appsHosts);
  sendPage(asked, pageFor(refusal, gate.hosts.url), leftover ? clearSiteData : {});
}

/** Registers an admitted request or upgrade, so that it can be cut. Null when the browser has left meanwhile. */
function register(
  running: Running,
  admission: Admission,
  { stream, place }: { stream: Duplex | ServerResponse; place: AppPlace },
): Through | { refusal: Refusal } | null {
  if (stream.destroyed) return null;
  if ("refusal" in admission) return admission;
  const { route, holder } = admission;
  const access = accessOf(route);
  if (!access) return { refusal: { why: "not-ready", route } };
  const isTunnel = !(stream instanceof ServerResponse);
  const remove = running.open.add({ sessionId: route.id, holder, isTunnel, cut: () => stream.destroy() });
  if (!remove) return { refusal: { why: "too-many" } };
  if (isTunnel) metrics().gatewayUpgrades.inc();
  stream.once("close", () => {
    remove();
    if (isTunnel) metrics().gatewayUpgrades.dec();
  });
  running.onActivity(route.id);
  const scheme = running.gate.hosts.url.startsWith("https:") ? "https" : "http";
  const secretHeader = secretHeaderOf(access);
  const isShared = place.sessionId === null;
  return { route, holder, access, towards: { publicHost: place.host, scheme, secretHeader, app: route, isShared } };
}

async function handleRequest(running: Running, asked: AppRequest): Promise<void> {
  const { request, response, place } = asked;
  if (request.url?.split("?")[0] === enterPath) {
    // Before any ticket is looked at: any page could have browsers use up a network's tries.
    if (isFromElsewhere(running.gate, request, place)) return refuse(running, asked, { why: "from-elsewhere" });
    return enter(running, asked);
  }
  if (request.url?.startsWith("/.berth/")) return refuse(running, asked, { why: "not-yours" });
  const admission = await admit(running.gate, request, place);
  const found = register(running, admission, { stream: response, place });
  if (!found) return;
  count("http", found);
  if ("refusal" in found) return refuse(running, asked, found.refusal);
  const { route, holder, access, towards } = found;
  const onUnreachable = (error: Error) => {
    metrics().gatewayUnreachable.inc();
    running.onUnreachable(error, route);
    refuse(running, asked, { why: "unreachable", route });
  };
  const pool = running.pools.poolFor(route, access, holder);
  const slowly = () => {
    if (isCrowded(pool.agent)) refuse(running, asked, { why: "too-many" });
    else forwardRequest({ request, response, agent: pool.agent, towards, onUnreachable });
  };
  if (pool.isOdd || !isPlain(request, towards)) return slowly();
  const onOdd = () => {
    pool.isOdd = true;
    slowly();
  };
  forwardPlain({ request, response, kept: pool.kept, towards, onOdd, onUnreachable });
}

async function handleUpgrade(running: Running, { request, socket, head, place }: AppUpgrade): Promise<void> {
  // Until it is joined to the app's, nobody else listens; a browser may leave at any moment.
  socket.on("error", () => socket.destroy());
  const no = (refusal: Refusal) => refuse(running, { request, response: answerUpgrade(request, socket) }, refusal);
  const admission = await admitUpgrade(running.gate, request, place);
  const found = register(running, admission, { stream: socket, place });
  if (!found) return;
  count("upgrade", found);
  if ("refusal" in found) return no(found.refusal);
  const { route, holder, access, towards } = found;
  const onUnreachable = (error: unknown) => {
    metrics().gatewayUnreachable.inc();
    running.onUnreachable(error, route);
    no({ why: "unreachable", route });
  };
  const opening = openConnection(() => running.connect(route, holder), access);
  const connection = await opening.catch(onUnreachable);
  if (!connection) return;
  if (socket.destroyed) connection.destroy();
  else {
    const onActivity = () => running.onActivity(route.id);
    openTunnel({ request, socket, head, connection, towards, onActivity, onUnreachable });
  }
}

async function mayStay(
  running: Running,
  { sessionId, holder }: { sessionId: string; holder: Holder },
): Promise<boolean> {
  if (!(await running.gate.isValid(holder))) return false;
  const route = await running.gate.routes.get(sessionId);
  if (route?.state === "ready" && route.ownerId === holder.userId) return true;
  running.pools.drop(sessionId);
  return false;
}

/** A running gateway. */
export function makeGateway(parts: GatewayParts): Gateway {
  const open = openConnections();
  const pools = agentPools(parts.connect);
  const running: Running = { ...parts, open, pools };
  return {
    handle: (asked) => handleRequest(running, asked),
    upgrade: (asked) => handleUpgrade(running, asked),
    sweep: async () => {
      await open.sweep((one) => mayStay(running, one));
      pools.dropIdle();
    },
    cutTunnels: open.cutTunnels,
    count: open.count,
    close: () => {
      open.cutAll();
      pools.close();
    },
  };
}
