// What the local engine says of itself: one partition, one node, and what of it is free.
import type { ClusterFacts, NodeFacts, PartitionFacts } from "@/lib/scheduler/scheduler";
import type { StoredJob } from "./engine/records.mjs";
import { phaseOf } from "./engine/records.mjs";
import { type Capacity, nodeName, type Offer, PARTITION } from "./machine";

/** The cluster page's facts, from the jobs now known. */
export function factsOf(jobs: StoredJob[], offer: Offer): ClusterFacts {
  const phases = jobs.map((job) => ({ job, phase: phaseOf(job) }));
  const running = phases.filter(({ phase }) => ["starting", "running", "completing"].includes(phase));
  const free = freeOf(
    running.map(({ job }) => job.record),
    offer,
  );
  return {
    scheduler: "local",
    partitions: offer.partitions.map((name) => partition(name, offer, free)),
    nodes: [node(offer, free)],
    accounting: true,
    running: running.length,
    queued: phases.filter(({ phase }) => phase === "queued" || phase === "held").length,
  };
}

/** Never below zero: the machine may have been made smaller while jobs ran. */
function freeOf(taken: Capacity[], { cpus, memoryMiB }: Capacity): Capacity {
  return {
    cpus: Math.max(
      0,
      taken.reduce((left, it) => left - it.cpus, cpus),
    ),
    memoryMiB: Math.max(
      0,
      taken.reduce((left, it) => left - it.memoryMiB, memoryMiB),
    ),
  };
}

function partition(name: string, { cpus, memoryMiB }: Capacity, free: Capacity): PartitionFacts {
  return {
    name,
    up: true,
    isDefault: name === PARTITION,
    hidden: false,
    maxMinutes: null,
    defaultMinutes: null,
    maxNodes: 1,
    cpusTotal: cpus,
    cpusFree: free.cpus,
    cpusPerNode: cpus,
    memoryMiBPerNode: memoryMiB,
    gpus: [],
    features: [],
    nodes: [nodeName()],
    allowAccounts: [],
    allowQos: [],
    qos: null,
  };
}

function node({ cpus, memoryMiB }: Capacity, free: Capacity): NodeFacts {
  const state = free.cpus === cpus ? "IDLE" : free.cpus === 0 ? "ALLOCATED" : "MIXED";
  return {
    name: nodeName(),
    address: "127.0.0.1",
    state,
    reason: null,
    cpus,
    cpusFree: free.cpus,
    memoryMiB,
    memoryMiBFree: free.memoryMiB,
    gpus: [],
    features: [],
  };
}
