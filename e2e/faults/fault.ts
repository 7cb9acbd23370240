// One fault: injected as often as the run says, audited after each time, and written down for the table.
import { expect, it } from "vitest";
import { auditWhenSettled, type Findings, isNothing, nothing } from "./audit";
import type { Ground } from "./ground";
import { plan, writeResult } from "./plan";
import { endTerminals } from "./terminal";
import { until } from "./until";

/** Names one injection for the table, such as "sshd reset". */
type Inject = (what: string) => void;
export type Given = Ground & { inject: Inject; round: number };

type Options = {
  /** The longest that one round may take, the audits included. */
  seconds: number;
  ground: () => Ground;
  /** Once a run, however many rounds it has. */
  once?: boolean;
};

const settleSeconds = 60;

/** Stops what lives; a session that was never resolved is waited for. */
export async function stopEverything({ audited }: Ground): Promise<void> {
  await until("everything has ended", 90, async () => {
    const alive = await Promise.all(
      audited.people.map(async (api) => {
        await endTerminals(api);
        const live = await api.live();
        for (const { id, state } of live) if (state !== "stopping") await api.stop(id);
        return live.length;
      }),
    );
    return alive.every((count) => count === 0);
  });
}

/** Of a row that was found wrong once, later rounds need not tell again. */
const told = new Set<string>();

function isNews(finding: string): boolean {
  const isNew = !told.has(finding);
  told.add(finding);
  return isNew;
}

async function oneRound(work: () => Promise<void>, ground: Ground): Promise<{ found: Findings; failure: unknown }> {
  let failure: unknown = null;
  let found = nothing();
  try {
    await work();
    found = await auditWhenSettled(ground.audited, settleSeconds);
  } catch (error) {
    failure = error;
  }
  await ground.heal();
  // What is left of a round that failed would make the next ones fail.
  await stopEverything(ground).catch((error: unknown) => {
    failure ??= error;
  });
  if (isNothing(found)) found = await auditWhenSettled(ground.audited, settleSeconds);
  const { lost, doubled, leaked } = found;
  return {
    found: { lost: lost.filter(isNews), doubled: doubled.filter(isNews), leaked: leaked.filter(isNews) },
    failure,
  };
}

/** A test whose name begins with the id of its case. `work` injects; what it expects of the portal meanwhile it says itself. */
export function fault(title: string, options: Options, work: (given: Given) => Promise<void>): void {
  const { first } = plan();
  const rounds = options.once ? 1 : plan().rounds;
  it(title, { timeout: rounds * options.seconds * 1000 }, async () => {
    for (let round = first; round < first + rounds; round += 1) {
      const ground = options.ground();
      const injected: string[] = [];
      const given = { ...ground, inject: (what: string) => void injected.push(what), round };
      const { found, failure } = await oneRound(() => work(given), ground);
      const counts = { lost: found.lost.length, doubled: found.doubled.length, leaked: found.leaked.length };
      const words =
        failure instanceof Error ? (failure.message.split("\n")[0] ?? "") : failure ? String(failure) : null;
      const findings = [...found.lost, ...found.doubled, ...found.leaked].join("; ");
      writeResult({ id: title.split(" ")[0] ?? "", injected, ...counts, failure: words ?? (findings || null) });
      if (failure) throw failure;
      expect(found, `round ${round}, after ${injected.join(", ")}`).toEqual(nothing());
    }
  });
}
