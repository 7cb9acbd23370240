// The round trip of a small WebSocket message through the gateway, against nginx, to the same echo on the compute node.
import WebSocket from "ws";
import type { Context } from "./context";
import { interleaved, median, ratios, spreadOf } from "./measure";
import { startNginx } from "./peers";
import { atMost, told, type Verdict } from "./report";
import { create, type OpenApp, openApp, person, reachApps, small, stopSessions, untilReady } from "./site";

const trips = 2000;
const message = Buffer.alloc(64, "m");

/** Microseconds of the median round trip on one connection. */
async function roundTrip(port: number, { host, cookie }: OpenApp): Promise<number> {
  const headers = { host, cookie };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
    headers,
    origin: `http://${host}`,
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const took: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sentAt = performance.now();
  const send = () => {
    sentAt = performance.now();
    socket.send(message);
  };
  socket.on("error", reject).on("close", () => reject(new Error("The echo closed the connection.")));
  socket.on("message", () => {
    took.push((performance.now() - sentAt) * 1000);
    if (took.length < trips) send();
    else resolve();
  });
  send();
  await promise.finally(() => socket.terminate());
  return median(took);
}

export async function webSocket({ site, port, rounds }: Context): Promise<Verdict[]> {
  const alice = await person(site, "alice");
  const { id } = await create(alice, small("bench-echo", { parameters: { release: site.releaseDir } }));
  await untilReady(alice, id);
  const verdicts: Verdict[] = [];
  for (const way of ["direct", "tunnel"] as const) {
    await reachApps(site, way);
    const app = await openApp(site, alice, id);
    const nginx = await startNginx(port + 12, app.target);
    const times = await interleaved(rounds, {
      berth: () => roundTrip(port, app),
      nginx: () => roundTrip(nginx.port, app),
    }).finally(nginx.end);
    verdicts.push(
      atMost(2, {
        what: `WebSocket echo of 64 bytes, ${way === "tunnel" ? "through the login node's SSH" : "straight to the node"}`,
        against: "nginx",
        value: median(ratios(times.berth, times.nginx)),
        figures: `${told(spreadOf(times.berth), " µs")} against ${told(spreadOf(times.nginx), " µs")}`,
      }),
    );
  }
  await reachApps(site, "tunnel");
  await stopSessions(alice);
  return verdicts;
}
