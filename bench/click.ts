// From the click to the first page of the app. The portal's side does what its pages do: POST, wait for the event that says
// "ready", ask for a ticket, enter, load. By hand: one login, sbatch with the same script, squeue each second until the job
// runs, then curl each 0.2 s on the login node itself.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { api } from "@/lib/paths";
import type { SessionView } from "@/lib/sessions/schema";
import { type ByHand, byHand } from "./by-hand";
import type { Context } from "./context";
import { openStream } from "./event-stream";
import { interleaved, median, ratios, spreadOf, timed } from "./measure";
import { atMost, told, type Verdict } from "./report";
import { type BenchSite, create, openApp, type Person, person, small, stopSessions } from "./site";

const handPort = 19_400;

/** Values arrive as the positional parameters of a constant script. */
const handScript = `
set -e
export SLURM_CONF=$1
id=$(sbatch --parsable --cpus-per-task=1 --mem=1G --time=60 --output=/dev/null --export=BERTH_PORT=$2 /dev/stdin)
until [ "$(squeue -h -j "$id" -o %t)" = R ]; do sleep 1; done
node=$(squeue -h -j "$id" -o %N)
address=$(scontrol -o show node "$node" | sed 's/.* NodeAddr=\\([^ ]*\\) .*/\\1/')
until curl -s -f -o /dev/null "http://$address:$2/1k"; do sleep 0.2; done
echo "$id"
`;

async function untilReadyByEvent(site: BenchSite, { ask, token }: Person, click: () => Promise<SessionView>) {
  const ready = Promise.withResolvers<SessionView>();
  let id: string | null = null;
  const look = async () => {
    if (!id) return;
    const session = await ask<SessionView>(api.session(id));
    if (session.state === "ready") ready.resolve(session);
    if (session.state === "ended") ready.reject(new Error(`It ended: ${session.endDetail}`));
  };
  const headers = { authorization: `Bearer ${token}` };
  const onEvent = (name: string) => void (name === "session" && look().catch(ready.reject));
  const stream = await openStream({ port: site.port, host: new URL(site.url).host, headers, onEvent });
  const finish = async () => {
    id = (await click()).id;
    await look();
    return ready.promise;
  };
  return { finish, stream };
}

async function throughPortal(site: BenchSite, who: Person): Promise<number> {
  const { finish, stream } = await untilReadyByEvent(site, who, () => create(who, small("bench-web")));
  const took = await timed(async () => {
    const { id } = await finish();
    const { host, cookie } = await openApp(site, who, id);
    const page = await fetch(`http://${host}/1k`, { headers: { cookie } });
    if (page.status !== 200) throw new Error(`The app answered ${page.status}.`);
  });
  stream.close();
  await stopSessions(who);
  return took;
}

async function withCommands({ ssh, slurmConf }: ByHand, script: string): Promise<number> {
  let id = "";
  const took = await timed(async () => {
    id = (
      await ssh(`exec /bin/sh -c '${handScript.replaceAll("'", "'\\''")}' sh ${slurmConf} ${handPort}`, script)
    ).trim();
  });
  await ssh(`SLURM_CONF=${slurmConf} scancel ${id}`);
  // The next one needs the port.
  while ((await ssh(`SLURM_CONF=${slurmConf} squeue -h -j ${id} 2>/dev/null || true`)).trim()) await pause(300);
  return took;
}

export async function click({ site, rounds }: Context): Promise<Verdict[]> {
  const alice = await person(site, "alice");
  const hand = byHand(site, "alice");
  const script = readFileSync("bench/templates/bench-web/script.sh", "utf8");
  const times = await interleaved(rounds * 2, {
    berth: () => throughPortal(site, alice),
    hand: () => withCommands(hand, script),
  });
  hand.end();
  const [ours, theirs] = [spreadOf(times.berth), spreadOf(times.hand)];
  const figures = `${told(ours, " ms")} against ${told(theirs, " ms")}`;
  const what = "click to first 200 of the app";
  const against = "sbatch, squeue each 1 s, curl each 0.2 s";
  return [
    atMost(1.1, { what, against, value: median(ratios(times.berth, times.hand)), figures }),
    atMost(1, {
      what: `${what}, 95th percentile`,
      against: `${against}: later by`,
      unit: " s",
      value: (ours.p95 - theirs.p95) / 1000,
      figures: `${Math.round(ours.p95)} ms against ${Math.round(theirs.p95)} ms, of ${ours.count} each`,
    }),
  ];
}
