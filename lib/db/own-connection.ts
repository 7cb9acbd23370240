// One connection to a PostgreSQL server, outside the pool, for what belongs to a connection: LISTEN and session locks.
// It is asked for a sign of life, and opened again with growing pauses when it is lost.
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { log } from "@/lib/log";

const beatMilliseconds = 2000;
const silenceMilliseconds = 4000;
const longestPauseMilliseconds = 10_000;

/** Pauses, at once done when `signal` aborts. */
export async function pauseUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (!signal.aborted) await pause(milliseconds, undefined, { signal }).catch(() => {});
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function connect(url: string, purpose: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `berth ${purpose}`,
    connectionTimeoutMillis: 5000,
    query_timeout: silenceMilliseconds,
    keepAlive: true,
  });
  // Without a listener Node would end the process when the server goes away.
  client.on("error", () => {});
  await client.connect();
  return client;
}

export type OwnConnection = {
  url: string;
  purpose: string;
  signal: AbortSignal;
  /** `lost` aborts when the connection is lost or no longer wanted; the connection is closed once this returns. */
  use: (client: pg.Client, lost: AbortSignal) => Promise<void>;
  /** Told each time the connection could not be had or was lost. */
  onFailure?: () => void;
};

async function useOnce({ url, purpose, signal, use }: OwnConnection, onConnected: () => void): Promise<void> {
  const client = await connect(url, purpose);
  onConnected();
  const lost = new AbortController();
  const lose = () => lost.abort();
  client.once("end", lose);
  client.once("error", lose);
  signal.addEventListener("abort", lose, { once: true });
  // While it was being opened: a signal tells that once.
  if (signal.aborted) lose();
  const beat = setInterval(() => client.query("select 1").catch(lose), beatMilliseconds);
  try {
    await use(client, lost.signal);
  } finally {
    clearInterval(beat);
    signal.removeEventListener("abort", lose);
    // A server that went silent never answers the goodbye: close our end.
    client.end().catch(() => {});
    setTimeout(() => client.connection.stream.destroy(), 1000).unref();
  }
}

/** Runs `use` on a connection, again on a new one whenever that was lost, until it returns by itself or `signal` aborts. */
export async function keepConnection(own: OwnConnection): Promise<void> {
  let tries = 0;
  while (!own.signal.aborted) {
    try {
      let lost = false;
      const use: OwnConnection["use"] = async (client, lostSignal) => {
        await own.use(client, lostSignal);
        lost = lostSignal.aborted;
      };
      await useOnce({ ...own, use }, () => {
        tries = 0;
      });
      if (!lost) return;
    } catch (error) {
      log().warn({ err: error, purpose: own.purpose }, "database.connection-lost");
    }
    own.onFailure?.();
    tries += 1;
    await pauseUnless(own.signal, Math.min(100 * 2 ** tries, longestPauseMilliseconds) * (0.5 + Math.random() / 2));
  }
}
