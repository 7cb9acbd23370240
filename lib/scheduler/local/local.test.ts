import { rmSync, writeFileSync } from "node:fs";
import { schedulerContract } from "@/lib/scheduler/contract";
import type { Scheduler } from "@/lib/scheduler/scheduler";
import { runHere } from "./run-here";
import { foreignDirectory, makeBed, owner } from "./test-bed";

/** The contract's one minute would be most of this suite: a limit of a few seconds is the same code. */
const hurried = (scheduler: Scheduler): Scheduler => ({
  ...scheduler,
  submit: (spec) => scheduler.submit({ ...spec, limitMinutes: spec.limitMinutes === 1 ? 0.1 : spec.limitMinutes }),
});

schedulerContract(
  "the local engine",
  async () => {
    const bed = makeBed();
    const lost = makeBed();
    rmSync(lost.stateDir, { recursive: true, force: true });
    writeFileSync(lost.stateDir, "not a directory");
    return {
      scheduler: hurried(bed.scheduler),
      broken: lost.scheduler,
      owner,
      stranger: "somebody",
      directory: bed.directory,
      defaults: {},
      refused: { gpus: 1 },
      fill: { count: 1, spec: { cpus: 4 } },
      files: { run: runHere, foreignDirectory: async () => foreignDirectory(bed.root) },
      waitSeconds: 20,
      close: async () => {
        await bed.close();
        rmSync(lost.root, { recursive: true, force: true });
      },
    };
  },
  { files: true, memory: true },
);
