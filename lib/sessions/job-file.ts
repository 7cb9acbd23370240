// The constant files of a job, as they are sent to the cluster; read once.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "@/lib/once";
import type { JobFile } from "@/lib/scheduler/scheduler";

/** Of lib/sessions/job, by name. */
export const jobFile = (name: "job.sh" | "place.sh" | "door.py"): JobFile =>
  once(`job-file:${name}`, () => ({ name, content: readFileSync(join(process.cwd(), "lib/sessions/job", name)) }));
