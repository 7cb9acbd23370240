// From "I want it" to a job id: POST /api/sessions, which answers when the id is recorded, against ssh and sbatch by hand.
// The partition's jobs wait, so that neither side's jobs disturb what is measured next.
import { readFileSync } from "node:fs";
import { byHand } from "./by-hand";
import type { Context } from "./context";
import { interleaved, median, ratios, spreadOf, timed } from "./measure";
import { atMost, told, type Verdict } from "./report";
import type { BenchSite } from "./site";
import { create, type Person, partitionThatWaits, person, small, stopSessions } from "./site";

async function submitted(who: Person, partition: string): Promise<void> {
  const { jobId } = await create(who, small("bench-web", { partition, memoryGiB: 0.2 }));
  if (!jobId) throw new Error("The session was made, but its job id is not known.");
}

/** A new token is a new login to the cluster: no connection of its own is open yet. */
async function unknownYet(site: BenchSite, partition: string): Promise<number> {
  const fresh = await person(site, "alice");
  return timed(() => submitted(fresh, partition));
}

export async function submit({ site, rounds }: Context): Promise<Verdict[]> {
  const alice = await person(site, "alice");
  const { partition, open } = partitionThatWaits(site);
  const { ssh, slurmConf, end } = byHand(site, "alice");
  const script = readFileSync("bench/templates/bench-web/script.sh", "utf8");
  const options = `--parsable --partition=${partition} --cpus-per-task=1 --mem=200M --time=60 --job-name=by-hand`;
  const sbatch = async () => {
    const id = await ssh(`SLURM_CONF=${slurmConf} sbatch ${options}`, script);
    if (!/^\d+/.test(id)) throw new Error(`sbatch answered ${id}`);
  };
  const times = await interleaved(rounds * 3, {
    berth: () => timed(() => submitted(alice, partition)),
    hand: () => timed(sbatch),
    first: () => unknownYet(site, partition),
  });
  await ssh(`SLURM_CONF=${slurmConf} scancel --user=alice --name=by-hand`);
  end();
  await stopSessions(alice);
  open();
  const hand = `against ${told(spreadOf(times.hand), " ms")}`;
  return [
    atMost(1, {
      what: "POST /api/sessions to job id recorded",
      against: "ssh and sbatch by hand",
      value: median(ratios(times.berth, times.hand)),
      figures: `${told(spreadOf(times.berth), " ms")} ${hand}`,
    }),
    atMost(1, {
      what: "the same, first of a login (the portal has no connection yet)",
      against: "ssh and sbatch by hand",
      value: median(ratios(times.first, times.hand)),
      figures: `${told(spreadOf(times.first), " ms")} ${hand}`,
    }),
  ];
}
