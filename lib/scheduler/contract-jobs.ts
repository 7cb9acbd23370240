// What the contract needs from an engine under test, and the jobs it runs there: constant scripts, steered by environment.
// Only tests import this.
import { randomInt } from "node:crypto";
import { vi } from "vitest";
import type { Run } from "@/lib/clusters/run";
import type { Job, JobSpec, Scheduler } from "./scheduler";

/** What a job does once it runs. An engine that runs no programs is told instead (`act`). */
export type Behaviour = "exit-0" | "exit-3" | "wait" | "show-environment" | "take-memory" | "overrun";

export type ContractEngine = {
  scheduler: Scheduler;
  /** The same engine behind a `Run` (or switch) that always fails: nobody answers. */
  broken: Scheduler;
  /** Whose jobs these are, and an account that has nothing to do with them. */
  owner: string;
  stranger: string;
  /** Where a job's directory goes; the contract appends nothing. */
  directory(id: string): string;
  /** Added to every spec, e.g. the partition. */
  defaults: Partial<JobSpec>;
  /** Makes a spec that this scheduler refuses for good. */
  refused: Partial<JobSpec>;
  /** Something this scheduler will only do when more is free: `count` such jobs leave no room for another. */
  fill: { count: number; spec: Partial<JobSpec> };
  /** Only for engines that run no programs. */
  act?(behaviour: Behaviour, jobId: string): void;
  /** Only with `files: true`: reads what a job left, and a directory that belongs to the stranger. */
  files?: { run: Run; foreignDirectory(): Promise<string> };
  /** How long an engine may take to start, end or account for a job on a busy machine. Default 60. */
  waitSeconds?: number;
  close(): Promise<void>;
};

const SCRIPTS: Record<Behaviour, string> = {
  "exit-0": "exit 0",
  "exit-3": "exit 3",
  wait: "exec sleep 900",
  // /proc/self/environ of cat is what the shell passed on, whatever bytes are in it.
  "show-environment": "cat /proc/self/environ >seen.part && mv seen.part seen",
  "take-memory": "held=$(head -c 400000000 /dev/zero | tr '\\0' x); exec sleep 900",
  overrun: "exec sleep 900",
};

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const pick = (alphabet: string) => alphabet.charAt(randomInt(alphabet.length));

export function newId(): string {
  return pick(LETTERS) + Array.from({ length: 15 }, () => pick(`${LETTERS}0123456789`)).join("");
}

export function specFor(engine: ContractEngine, behaviour: Behaviour, change: Partial<JobSpec> = {}): JobSpec {
  const id = newId();
  return {
    owner: engine.owner,
    tag: `berth-${id}`,
    comment: `berth:contract:${id}`,
    directory: engine.directory(id),
    files: [{ name: "script.sh", content: new TextEncoder().encode(`#!/bin/sh\n${SCRIPTS[behaviour]}\n`) }],
    script: "script.sh",
    environment: {},
    nodes: 1,
    cpus: 1,
    memoryMiB: 128,
    gpus: 0,
    limitMinutes: behaviour === "overrun" ? 1 : 10,
    minutes: 1,
    ...engine.defaults,
    ...change,
  };
}

const started = new WeakMap<ContractEngine, { owner: string; id: string }[]>();

/** Ends whatever a failed test left behind: the cluster may be shared. */
export async function cancelStarted(engine: ContractEngine): Promise<void> {
  const jobs = started.get(engine) ?? [];
  started.delete(engine);
  await Promise.allSettled(jobs.map(({ owner, id }) => engine.scheduler.control(owner, id, { kind: "cancel" })));
}

/** Submits and insists on acceptance. */
export async function start(engine: ContractEngine, behaviour: Behaviour, change: Partial<JobSpec> = {}) {
  const spec = specFor(engine, behaviour, change);
  const submitted = await engine.scheduler.submit(spec);
  if (submitted.outcome !== "accepted") throw new Error(`${submitted.outcome}: ${submitted.words}`);
  started.set(engine, [...(started.get(engine) ?? []), { owner: spec.owner, id: submitted.jobId }]);
  engine.act?.(behaviour, submitted.jobId);
  return { spec, id: submitted.jobId, directory: submitted.directory };
}

/** Waits until the queue shows the job as wanted. */
export function seen(engine: ContractEngine, id: string, wanted: (job: Job) => boolean): Promise<Job> {
  return eventually(engine, async () => {
    const job = (await engine.scheduler.jobs({})).find((entry) => entry.id === id);
    if (!job || !wanted(job)) throw new Error(`job ${id} is ${job ? JSON.stringify(job) : "not in the queue"}`);
    return job;
  });
}

export function eventually<T>(
  engine: ContractEngine,
  look: () => Promise<T>,
  seconds = engine.waitSeconds ?? 60,
): Promise<T> {
  return vi.waitFor(look, { timeout: seconds * 1000, interval: 300 });
}
