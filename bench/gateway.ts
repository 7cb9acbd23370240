// Requests a second through the gateway, with its owner check, against proxies that check nothing: 1 KB at 32 connections, and
// one large answer at four. Once through the SSH tunnel of the login node, once straight to the node, as a site may choose.

import type { Context } from "./context";
import { httpLoad } from "./http-load";
import { interleaved, median, ratios, spreadOf } from "./measure";
import { startConfigurableProxy, startNginx } from "./peers";
import { atLeast, told, type Verdict } from "./report";
import { create, type OpenApp, openApp, person, reachApps, small, stopSessions, untilReady } from "./site";

const seconds = 3;
const headersOf = ({ host, cookie }: OpenApp) => ({ Host: host, Cookie: cookie });

type Ports = { berth: number; nginx: number; proxy: number };
type Load = { path: string; connections: number; of: "requestsPerSecond" | "bytesPerSecond" };

function sides(ports: Ports, app: OpenApp, { path, connections, of }: Load) {
  const from = (port: number) => async () =>
    (await httpLoad({ port, path, connections, seconds, headers: headersOf(app) }))[of];
  return { berth: from(ports.berth), nginx: from(ports.nginx), proxy: from(ports.proxy) };
}

const small1k: Load = { path: "/1k", connections: 32, of: "requestsPerSecond" };
const bulk: Load = { path: "/bulk", connections: 4, of: "bytesPerSecond" };
const mega = (values: number[]) => spreadOf(values.map((value) => value / 1e6));

async function measure(
  { rounds }: Context,
  way: string,
  { ports, app }: { ports: Ports; app: OpenApp },
): Promise<Verdict[]> {
  const many = await interleaved(rounds, sides(ports, app, small1k));
  const { berth: ours, nginx: theirs } = sides(ports, app, bulk);
  const { ours: large, theirs: nginx } = await interleaved(rounds, { ours, theirs });
  const figures = (against: number[]) => `${told(spreadOf(many.berth), "/s")} against ${told(spreadOf(against), "/s")}`;
  const what = `gateway, 1 KB at 32 connections, ${way}`;
  return [
    atLeast(1.5, {
      what,
      against: "configurable-http-proxy",
      value: median(ratios(many.berth, many.proxy)),
      figures: figures(many.proxy),
    }),
    atLeast(0.2, {
      what,
      against: "nginx",
      value: median(ratios(many.berth, many.nginx)),
      figures: figures(many.nginx),
    }),
    atLeast(0.9, {
      what: `gateway, 32 MiB at 4 connections, ${way}`,
      against: "nginx",
      value: median(ratios(large, nginx)),
      figures: `${told(mega(large), " MB/s")} against ${told(mega(nginx), " MB/s")}`,
    }),
  ];
}

export async function gateway(context: Context): Promise<Verdict[]> {
  const { site, port } = context;
  const alice = await person(site, "alice");
  const { id } = await create(alice, small("bench-web"));
  await untilReady(alice, id);
  const verdicts: Verdict[] = [];
  for (const way of ["direct", "tunnel"] as const) {
    await reachApps(site, way);
    const app = await openApp(site, alice, id);
    const proxy = await startConfigurableProxy(port + 10, app.target);
    const nginx = await startNginx(port + 12, app.target);
    const ports = { berth: port, nginx: nginx.port, proxy: proxy.port };
    const words = way === "tunnel" ? "through the login node's SSH" : "straight to the node";
    try {
      verdicts.push(...(await measure(context, words, { ports, app })));
    } finally {
      await proxy.end();
      await nginx.end();
    }
  }
  await reachApps(site, "tunnel");
  await stopSessions(alice);
  return verdicts;
}
