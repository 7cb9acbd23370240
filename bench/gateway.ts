// Requests a second through the gateway, with its owner check, against proxies that check nothing: 1 KB at 32 connections, and
// one large answer at four. Once through the SSH tunnel of the login node, once straight to the node, as a site may choose.
// The app verifies the secret itself (`auth: app`). One behind the door, as those are that Berth brings along, costs one more
// hop on its node, in Python: what that leaves is told beside it.

import type { Context } from "./context";
import { httpLoad } from "./http-load";
import { interleaved, median, processorMs, ratios, spreadOf, withoutWarmUp } from "./measure";
import { startConfigurableProxy, startNginx } from "./peers";
import { atLeast, told, type Verdict, withoutGoal } from "./report";
import { create, type OpenApp, openApp, person, reachApps, small, stopSessions, untilReady } from "./site";

const seconds = 3;
const headersOf = ({ host, cookie }: OpenApp) => ({ Host: host, Cookie: cookie });

type Server = { port: number; pid: number };
type Servers = { berth: Server; nginx: Server; proxy: Server };
type Load = {
  path: string;
  connections: number;
  of: "requestsPerSecond" | "bytesPerSecond";
  unit: string;
  per: number;
};

const small1k: Load = { path: "/1k", connections: 32, of: "requestsPerSecond", unit: "/s", per: 1 };
const bulk: Load = { path: "/bulk", connections: 4, of: "bytesPerSecond", unit: " MB/s", per: 1e6 };

/** A server under load: what it did a second, and its processor time for one request or megabyte. */
function loaded({ port, pid }: Server, app: OpenApp, { path, connections, of, per }: Load) {
  /** Of each round, the warm-up first. */
  const costsMs: number[] = [];
  const side = async () => {
    const before = processorMs(pid);
    const rate = (await httpLoad({ port, path, connections, seconds, headers: headersOf(app) }))[of] / per;
    costsMs.push((processorMs(pid) - before) / (rate * seconds));
    return rate;
  };
  return { side, costsMs };
}

type Compared = { what: string; ours: number[]; theirs: number[]; costsMs: [number[], number[]]; unit: string };

function compared({ ours, theirs, costsMs, unit, what }: Compared, against: string) {
  // A busy machine takes turns away from either side; processor time it cannot take.
  const [ourUs, theirUs] = costsMs.map((costs) => Math.round(median(withoutWarmUp(costs)) * 1000));
  const rates = `${told(spreadOf(ours), unit)} against ${told(spreadOf(theirs), unit)}`;
  const each = unit === "/s" ? "a request" : "a megabyte";
  const figures = `${rates}; processor time ${each} ${ourUs} µs against ${theirUs} µs`;
  return { what, against, value: median(ratios(ours, theirs)), figures };
}

/** `behindDoor`: the same app with the door in front of it. Peers could not enter there. */
type Way = { words: string; servers: Servers; app: OpenApp; behindDoor: OpenApp };

/** What the door leaves, against nginx to the app without one. */
async function measureDoor({ rounds }: Context, { words, servers, app, behindDoor }: Way): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [name, load] of [
    ["1 KB at 32 connections", small1k],
    ["32 MiB at 4 connections", bulk],
  ] as const) {
    const [berth, nginx] = [loaded(servers.berth, behindDoor, load), loaded(servers.nginx, app, load)];
    const { ours, theirs } = await interleaved(rounds, { ours: berth.side, theirs: nginx.side });
    const costsMs: [number[], number[]] = [berth.costsMs, nginx.costsMs];
    const what = `gateway to an app behind the door, ${name}, ${words}`;
    verdicts.push(withoutGoal(compared({ what, ours, theirs, costsMs, unit: load.unit }, "nginx, no door")));
  }
  return verdicts;
}

async function measure({ rounds }: Context, { words, servers, app }: Way): Promise<Verdict[]> {
  const requests = (server: Server) => loaded(server, app, small1k);
  const [berth, nginx, proxy] = [requests(servers.berth), requests(servers.nginx), requests(servers.proxy)];
  const many = await interleaved(rounds, { berth: berth.side, nginx: nginx.side, proxy: proxy.side });
  const [berthBulk, nginxBulk] = [loaded(servers.berth, app, bulk), loaded(servers.nginx, app, bulk)];
  const large = await interleaved(rounds, { berth: berthBulk.side, nginx: nginxBulk.side });
  const ours = { what: `gateway, 1 KB at 32 connections, ${words}`, ours: many.berth, unit: small1k.unit };
  const whole: Compared = {
    what: `gateway, 32 MiB at 4 connections, ${words}`,
    ours: large.berth,
    theirs: large.nginx,
    costsMs: [berthBulk.costsMs, nginxBulk.costsMs],
    unit: bulk.unit,
  };
  return [
    atLeast(
      1.5,
      compared({ ...ours, theirs: many.proxy, costsMs: [berth.costsMs, proxy.costsMs] }, "configurable-http-proxy"),
    ),
    atLeast(0.2, compared({ ...ours, theirs: many.nginx, costsMs: [berth.costsMs, nginx.costsMs] }, "nginx")),
    atLeast(0.9, compared(whole, "nginx")),
  ];
}

export async function gateway(context: Context): Promise<Verdict[]> {
  const { site, port } = context;
  const alice = await person(site, "alice");
  const [plain, door] = await Promise.all(
    ["bench-web", "bench-door"].map(async (template) => {
      const { id } = await create(alice, small(template));
      return (await untilReady(alice, id)).id;
    }),
  );
  if (!plain || !door) throw new Error("There are two apps.");
  const verdicts: Verdict[] = [];
  for (const way of ["direct", "tunnel"] as const) {
    await reachApps(site, way);
    const [app, behindDoor] = [await openApp(site, alice, plain), await openApp(site, alice, door)];
    const proxy = await startConfigurableProxy(port + 10, app.target);
    const nginx = await startNginx(port + 12, app.target);
    const servers = { berth: { port, pid: site.pid() }, nginx, proxy };
    const words = way === "tunnel" ? "through the login node's SSH" : "straight to the node";
    try {
      const comparison = { words, servers, app, behindDoor };
      verdicts.push(...(await measure(context, comparison)), ...(await measureDoor(context, comparison)));
    } finally {
      await proxy.end();
      await nginx.end();
    }
  }
  await reachApps(site, "tunnel");
  await stopSessions(alice);
  return verdicts;
}
