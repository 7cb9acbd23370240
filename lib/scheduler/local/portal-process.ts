// A process that submits jobs as a portal does, for the tests that kill it: node --import tsx portal-process.ts JSON.
// Prints one line per accepted job and then waits to be killed.
import type { JobSpec } from "@/lib/scheduler/scheduler";
import { local } from "./local";
import { runHere } from "./run-here";

type Order = {
  stateDir: string;
  cpus: number;
  memoryMiB: number;
  specs: (Omit<JobSpec, "files"> & { text: string })[];
};

// Written by the test that started us.
const { stateDir, cpus, memoryMiB, specs }: Order = JSON.parse(process.argv[2] ?? "");
const scheduler = local({ run: runHere, stateDir, cpus, memoryMiB });

async function submit({ text, ...spec }: Order["specs"][number]) {
  const files = [{ name: spec.script, content: new TextEncoder().encode(text) }];
  const submitted = await scheduler.submit({ ...spec, files });
  process.stdout.write(`${JSON.stringify({ tag: spec.tag, ...submitted })}\n`);
}

process.stdout.write("ready\n");
await Promise.all(specs.map(submit));
setInterval(() => undefined, 60_000);
