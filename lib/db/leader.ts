// Who of several replicas does a thing only one may do: the one whose connection holds the advisory lock of its name.
// A leader that loses its connection learns it within about 6 seconds; the lock is free once the server has noticed too.
import { keepConnection, pauseUnless } from "@/lib/db/own-connection";
import { log } from "@/lib/log";

export type Election = {
  name: string;
  signal: AbortSignal;
  onElected: (signal: AbortSignal) => Promise<void>;
};

const askMilliseconds = 1000;
const restMilliseconds = 1000;

async function lead({ name, onElected }: Election, signal: AbortSignal): Promise<boolean> {
  log().info({ name }, "leader.elected");
  try {
    await onElected(signal);
    return true;
  } catch (error) {
    if (!signal.aborted) log().error({ err: error, name }, "leader.failed");
    return false;
  } finally {
    log().info({ name }, "leader.ended");
  }
}

/** On the embedded database: one process, so always elected; again when `onElected` throws. */
export async function electAlone(election: Election): Promise<void> {
  while (!election.signal.aborted) {
    if (await lead(election, election.signal)) return;
    await pauseUnless(election.signal, restMilliseconds);
  }
}

/** On a server: elected while a connection of its own holds the lock. */
export function electOnServer(url: string, election: Election): Promise<void> {
  return keepConnection({
    url,
    purpose: `leader ${election.name}`,
    signal: election.signal,
    use: async (client, lost) => {
      while (!lost.aborted) {
        const { rows } = await client.query("select pg_try_advisory_lock(hashtextextended($1, 1)) as held", [
          election.name,
        ]);
        if (!rows[0].held) await pauseUnless(lost, askMilliseconds * (0.5 + Math.random()));
        else if (await lead(election, lost)) return;
        else if (!lost.aborted) throw new Error(`The work of leader ${election.name} failed; see the line before.`);
      }
    },
  });
}
