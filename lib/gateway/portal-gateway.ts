// The gateway of this portal: routes from the database, connections through the clusters, logins from lib/auth.
import type { Duplex } from "node:stream";
import { loginName } from "@/lib/actor";
import { stillValid } from "@/lib/auth/actor-from-request";
import { onLoginEnded } from "@/lib/auth/known-actors";
import { reachFor } from "@/lib/clusters/reach";
import { clusterConfig, config } from "@/lib/config";
import { db, listen, transaction } from "@/lib/db";
import { activityNotes } from "@/lib/gateway/activity";
import type { Holder } from "@/lib/gateway/app-cookie";
import { type Gateway, makeGateway } from "@/lib/gateway/gateway";
import { unreachableLog } from "@/lib/gateway/log-unreachable";
import { cachedRoutes, type Route, type Routes } from "@/lib/gateway/routes";
import { readRoute, touchSession } from "@/lib/gateway/store";
import { checkedTarget } from "@/lib/gateway/target";
import { unreachableTeller } from "@/lib/gateway/tell-unreachable";
import { redeemTicket } from "@/lib/gateway/tickets";
import { bareAddressOf } from "@/lib/http/client-address";
import { log } from "@/lib/log";
import { unseal } from "@/lib/seal";
import { sessionState } from "@/lib/sessions/schema";
import { templates } from "@/lib/templates/template";
import { startTerminals } from "@/lib/terminals/open-terminals";
import { type TerminalSockets, terminalSockets } from "@/lib/terminals/serve-terminal";

/** Every cut happens within this, and the caches' own five seconds where no change was told. */
const sweepMs = 1_000;

async function loadRoute(sessionId: string): Promise<Route | null> {
  const row = await readRoute(db(), sessionId);
  if (!row) return null;
  const { secretSealed, ...facts } = row;
  return {
    ...facts,
    state: sessionState.parse(row.state),
    secret: secretSealed ? unseal(secretSealed, "session-secret") : null,
    // A template that was removed while its sessions run: they can no longer be opened, only stopped.
    manifest: templates().get(row.template)?.manifest ?? null,
  };
}

async function connect(route: Route, holder: Holder): Promise<Duplex> {
  const settings = clusterConfig(route.cluster);
  const target = await checkedTarget(route.nodeAddress ?? "", route.port ?? 0, settings.nodeNetworks);
  return reachFor(settings).connect(target, route.unixAccount, loginName(holder));
}

/** lib/auth asks for a whole actor, of which only the login counts here. */
const askLogin = (holder: Holder): Promise<boolean> =>
  stillValid({ ...holder, name: "", roles: [], groups: [], scopes: [] });

async function followChanges(routes: Routes, gateway: Gateway): Promise<() => Promise<void>> {
  const sweep = () => void gateway.sweep().catch((error) => log().warn({ err: error }, "gateway.sweep-failed"));
  const unlisten = await listen((change) => {
    if (change.kind === "session") routes.forget(change.id);
    if (change.kind === "resync") routes.forget(null);
    if (change.kind === "session" || change.kind === "resync") sweep();
  });
  const forgetLogins = onLoginEnded(sweep);
  const timer = setInterval(sweep, sweepMs).unref();
  return async () => {
    clearInterval(timer);
    forgetLogins();
    await unlisten();
  };
}

export type RunningGateway = { gateway: Gateway; terminals: TerminalSockets; stop: () => Promise<void> };

/** Starts the gateway to apps and terminals; stop() cuts what is open. The database must be open. */
export async function startGateway(): Promise<RunningGateway> {
  const { url, appsHosts, signIn, trustedProxies } = config();
  const routes = cachedRoutes(loadRoute);
  const tellUnreachable = unreachableTeller();
  const logUnreachable = unreachableLog((line) => log().info(line, "app.unreachable"));
  const gateway = makeGateway({
    gate: { hosts: { url, appsHosts }, routes, isValid: askLogin },
    clientOf: (request) => bareAddressOf(request, trustedProxies),
    useTicket: redeemTicket,
    cookieHours: signIn.hours,
    connect,
    onActivity: activityNotes((id, at) => transaction((tx) => touchSession(tx, id, at))),
    onUnreachable: (error, { id, cluster }) => {
      logUnreachable(error, id);
      tellUnreachable(cluster);
    },
  });
  const unfollow = await followChanges(routes, gateway);
  const terminals = terminalSockets(await startTerminals());
  return {
    gateway,
    terminals,
    stop: async () => {
      gateway.close();
      await terminals.close();
      await unfollow();
    },
  };
}
