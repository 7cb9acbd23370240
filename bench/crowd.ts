// Five hundred people at once: an event stream each and a look at the home page every thirty seconds.
import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "./context";
import { signedInCrowd } from "./crowd-people";
import { spreadOf } from "./measure";
import { atMost, type Verdict } from "./report";
import { startViewers } from "./viewers";

const people = 500;

export async function crowd({ site, rounds }: Context): Promise<Verdict[]> {
  const viewers = await startViewers(site, await signedInCrowd(site, people));
  // Each round is one look of everybody; one more to warm up.
  await pause(30_000);
  const [warm, early] = [viewers.seen().tookMs.length, viewers.seen().faults.length];
  await pause(rounds * 30_000);
  const after = viewers.seen();
  await viewers.stop();
  const took = spreadOf(after.tookMs.slice(warm));
  const faults = after.faults.slice(early);
  const figures = `${took.count} answers: median ${took.median.toFixed(0)} ms, p95 ${took.p95.toFixed(0)} ms, slowest ${took.high.toFixed(0)} ms`;
  const what = `${people} people, an event stream each and a view every 30 s`;
  return [
    atMost(300, { what: `${what}: API, 95th percentile`, against: "", unit: " ms", value: took.p95, figures }),
    atMost(0, { what: `${what}: errors`, against: "", value: faults.length, figures: faults[0] ?? "none" }),
    atMost(1, {
      what: `${what}: streams lost`,
      against: "",
      unit: " %",
      value: (after.lost / after.opened) * 100,
      figures: `${after.lost} of ${after.opened}`,
    }),
  ];
}
