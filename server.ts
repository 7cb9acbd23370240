// The composition root: one HTTP server in front of Next's pages, the gateway to sessions' apps, and the reconciler.
import { createServer } from "node:http";
import next from "next";
import { startSealing } from "@/lib/audit/seal-events";
import { config } from "@/lib/config";
import { closeDatabase, openDatabase } from "@/lib/db";
import { env } from "@/lib/env";
import { isPortalError } from "@/lib/errors";
import { closeEventStreams } from "@/lib/events";
import { makeFront } from "@/lib/gateway/front";
import { startGateway } from "@/lib/gateway/portal-gateway";
import { onStop, waitUntil } from "@/lib/graceful-stop";
import { log } from "@/lib/log";
import { serveOperator } from "@/lib/operator";
import { countBuffersWithHeap } from "@/lib/passing-buffers";
import { startReconciler } from "@/lib/reconciler/reconciler";
import { checkStart, refuseRoot } from "@/lib/start-checks";
import { seedDemoPeople } from "@/prisma/seed";

async function preparePages({ production, host, port }: ReturnType<typeof env>) {
  // Next would add its own upgrade listener to the server it is given: this one never listens.
  const app = next({ dev: !production, hostname: host, port, httpServer: createServer() });
  await app.prepare();
  return { pages: app.getRequestHandler(), devSocket: production ? null : app.getUpgradeHandler() };
}

async function main(): Promise<void> {
  countBuffersWithHeap();
  const environment = env();
  const { demo, host, port, production, roles, parentWatch } = environment;
  refuseRoot(process.getuid?.());
  checkStart();
  const { url, appsHosts, signIn, trustedProxies, waits } = config();
  // While the database answers, Next is loaded.
  const [web] = await Promise.all([roles.includes("web") ? preparePages(environment) : null, openDatabase()]);
  const { pages, devSocket } = web ?? { pages: null, devSocket: null };
  if (demo) await seedDemoPeople(signIn.issuer);
  const stopOperator = await serveOperator();
  const running = roles.includes("gateway") ? await startGateway() : null;
  const { gateway, terminals } = running ?? { gateway: null, terminals: null };
  const policy = { url, appsHosts, issuer: signIn.issuer, production, trustedProxies };
  const onError = (error: unknown) => log().error({ err: error }, "request.failed");
  const server = makeFront({ policy, pages, gateway, terminals, devSocket, onError });
  const stopReconciler = roles.includes("reconciler") ? await startReconciler() : async () => {};
  const stopSealing = roles.includes("reconciler") ? startSealing() : async () => {};

  onStop(
    async () => {
      log().info({ drainSeconds: waits.drainSeconds }, "portal.stopping");
      let isDrained = false;
      server.close(() => {
        isDrained = true;
      });
      // Streams and tunnels end only when told to; what else is open may finish.
      closeEventStreams();
      gateway?.cutTunnels();
      terminals?.cut();
      await waitUntil(() => {
        server.closeIdleConnections();
        return isDrained;
      }, waits.drainSeconds);
      server.closeAllConnections();
      await running?.stop();
      await stopOperator();
      await stopReconciler();
      await stopSealing();
      await closeDatabase();
    },
    { parentWatch },
  );

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  log().info({ url, host, port, roles }, "portal.started");
}

main().catch((error: NodeJS.ErrnoException) => {
  const known = isPortalError(error) || /^(EADDRINUSE|EACCES|ENOENT)$/.test(error.code ?? "");
  console.error(known ? `berth cannot start: ${error.message}` : error);
  process.exit(1);
});
