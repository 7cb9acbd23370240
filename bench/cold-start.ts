// From starting the process to its first whole page, against an empty Next app. The portal has started here before, so its
// compiled code is in PORTAL_DATA; the empty app keeps none.
import { paths } from "@/lib/paths";
import type { Context } from "./context";
import { emptyNext, startEmptyNext, untilFirstPage } from "./empty-next";
import { interleaved, median, ratios, spreadOf, timed } from "./measure";
import { atMost, told, type Verdict } from "./report";

export async function coldStart({ site, port, rounds }: Context): Promise<Verdict[]> {
  emptyNext();
  const portal = async () => {
    await site.endPortal("SIGTERM");
    let started: Promise<void> = Promise.resolve();
    const took = await timed(() => {
      started = site.startPortal();
      return untilFirstPage(site.url + paths.signIn());
    });
    await started;
    return took;
  };
  const empty = async () => {
    const app = { end: async () => {} };
    const took = await timed(() => {
      Object.assign(app, startEmptyNext(port + 20));
      return untilFirstPage(`http://127.0.0.1:${port + 20}/`);
    });
    await app.end();
    return took;
  };
  const times = await interleaved(rounds, { portal, empty });
  return [
    atMost(1.5, {
      what: "cold start to the first page, the portal's code cache warm",
      against: "an empty Next app",
      value: median(ratios(times.portal, times.empty)),
      figures: `${told(spreadOf(times.portal), " ms")} against ${told(spreadOf(times.empty), " ms")}`,
    }),
  ];
}
