// People who look at their home page: an event stream each, and every thirty seconds the questions that the page asks.
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { api } from "@/lib/paths";
import type { Viewer } from "./crowd-people";
import { openStream, type Stream } from "./event-stream";
import type { BenchSite } from "./site";

const everySeconds = 30;
const view = [
  api.me(),
  api.templates(),
  api.clusters(),
  `${api.sessions()}?state=live&limit=200`,
  `${api.sessions()}?limit=20`,
];

export type Seen = { tookMs: number[]; faults: string[]; opened: number; lost: number };
export type Viewers = { seen: () => Seen; stop: () => Promise<void> };

type Door = { agent: Agent; port: number; host: string };

/** Milliseconds until the answer is complete; throws what is no 200. */
function ask({ agent, port, host }: Door, { headers }: Viewer, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const startedAt = performance.now();
  const all = { ...headers, host };
  const asked = request({ agent, host: "127.0.0.1", port, path, headers: all, timeout: 30_000 }, (answer) => {
    answer.resume();
    answer.on("error", reject);
    answer.on("end", () => {
      if (answer.statusCode === 200) resolve(performance.now() - startedAt);
      else reject(new Error(`${path} answered ${answer.statusCode}`));
    });
  });
  asked.on("timeout", () => asked.destroy(new Error(`${path} did not answer within 30 s`)));
  asked.on("error", reject);
  asked.on("close", () => reject(new Error(`${path} broke off`)));
  asked.end();
  return promise;
}

async function look(door: Door, viewer: Viewer, seen: Seen): Promise<void> {
  await Promise.all(
    view.map(async (path) => {
      try {
        seen.tookMs.push(await ask(door, viewer, path));
      } catch (error) {
        seen.faults.push(String(error));
      }
    }),
  );
}

async function stayLooking(door: Door, viewer: Viewer, { seen, signal }: { seen: Seen; signal: AbortSignal }) {
  // Arrivals are spread over the interval, as people's are.
  await pause(Math.random() * everySeconds * 1000, undefined, { signal }).catch(() => {});
  while (!signal.aborted) {
    const nextAt = performance.now() + everySeconds * 1000;
    await look(door, viewer, seen);
    await pause(Math.max(0, nextAt - performance.now()), undefined, { signal }).catch(() => {});
  }
}

/** Opens everybody's stream, then lets them look until stop(). `isLooking: false`: they only keep the page open. */
export async function startViewers(site: BenchSite, viewers: Viewer[], isLooking = true): Promise<Viewers> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const door: Door = { agent, port: site.port, host: new URL(site.url).host };
  const seen: Seen = { tookMs: [], faults: [], opened: 0, lost: 0 };
  const streams: Stream[] = [];
  const waiting = [...viewers];
  const openSome = async () => {
    for (let viewer = waiting.shift(); viewer; viewer = waiting.shift()) {
      streams.push(await openStream({ port: site.port, host: door.host, headers: viewer.headers }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, openSome));
  const stopper = new AbortController();
  const looking = isLooking ? viewers.map((viewer) => stayLooking(door, viewer, { seen, signal: stopper.signal })) : [];
  return {
    seen: () => ({ ...seen, opened: streams.length, lost: streams.filter(({ isOpen }) => !isOpen()).length }),
    stop: async () => {
      stopper.abort();
      await Promise.all(looking);
      for (const { close } of streams) close();
      agent.destroy();
    },
  };
}
