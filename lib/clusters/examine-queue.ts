// Examines what the scheduler tells the portal: whether it answers the poller, whether the poller sees other people's
// jobs, whether accounting answers and knows the person.
import type { Examination } from "@/lib/clusters/examine-cluster";
import { type Finding, fault, fine, problem, sentenceOf, unchecked } from "@/lib/clusters/examine-finding";
import type { ClusterFacts, Job } from "@/lib/scheduler/scheduler";
import { count } from "@/lib/units";

const OPERATOR =
  "Make it a Slurm operator (sacctmgr modify user <poller> set adminlevel=operator), or set poll: per-user.";

/** The facts are the result; a generator's caller gets them where the findings end. */
export async function* examineScheduler(exam: Examination): AsyncGenerator<Finding, ClusterFacts | null> {
  const { cluster, scheduler } = exam;
  try {
    const facts = await scheduler.facts();
    const { partitions, nodes, running, queued } = facts;
    const has = `${count(partitions.length, "partition")}, ${count(nodes.length, "node")}`;
    const size = `${has}, ${count(running, "job")} running, ${queued} waiting`;
    yield fine("scheduler", `${facts.scheduler} answers ${cluster.poller}: ${size}.`);
    yield* examineFederation(exam);
    yield* examineMemory(facts);
    return facts;
  } catch (error) {
    const todo = "Run scontrol show config as the poller on the login node; check binDir and slurmConf in portal.yaml.";
    yield fault("scheduler", error, todo);
    return null;
  }
}

async function* examineFederation({ scheduler }: Examination): AsyncGenerator<Finding> {
  const name = await scheduler.federation?.();
  if (!name) return;
  const words = `The cluster is in federation ${name}, which is not supported: a job may move to another cluster of it.`;
  yield problem("federation", words, `Take it out: sacctmgr modify federation ${name} set clusters-=<cluster>.`);
}

/** RealMemory is 1 MiB unless slurm.conf says more: then Slurm refuses whatever asks for memory, as every session does. */
function* examineMemory({ partitions }: ClusterFacts): Generator<Finding> {
  // One without nodes is no fault of theirs.
  const named = partitions.filter(({ cpusPerNode, memoryMiBPerNode }) => cpusPerNode > 0 && memoryMiBPerNode <= 1);
  const without = named.map(({ name }) => name);
  if (without.length === 0) return;
  const words = `The nodes of ${without.join(", ")} have no memory to ask for (RealMemory), so no session fits on them.`;
  yield problem("memory of nodes", words, "Set their RealMemory in slurm.conf; slurmd -C on a node prints it.");
}

async function accounting(exam: Examination, facts: ClusterFacts | null): Promise<Finding> {
  const { cluster } = exam;
  if (!cluster.accounting) {
    return fine(
      "accounting",
      "Switched off in portal.yaml: how a job ended is known only while the queue remembers it.",
    );
  }
  if (!facts) return unchecked("accounting", "The scheduler does not answer.");
  if (facts.accounting) return fine("accounting", `It answers ${cluster.poller}.`);
  const todo = "Start slurmdbd, or set accounting: false. Without it many ends cannot be told apart.";
  return problem("accounting", "sacctmgr does not answer, or AccountingStorageType is none.", todo);
}

async function associations({ scheduler, as }: Examination): Promise<Finding> {
  const check = as ? `associations of ${as}` : "associations";
  if (!as) return unchecked(check, "Nobody was named with --as.");
  try {
    const { accounts, qos, admitted, words } = await scheduler.access(as);
    const todo = `sacctmgr add user ${as} account=<account>`;
    if (!admitted) return problem(check, words ?? "The scheduler does not admit this person.", todo);
    if (accounts.length === 0) return fine(check, "The scheduler asks for none.");
    return fine(check, `Accounts ${accounts.join(", ")}; QOS ${qos.join(", ") || "none named"}.`);
  } catch (error) {
    return fault(check, error, "Run sacctmgr show user withassoc as that person on the login node.");
  }
}

const seen = (jobs: Job[], cluster: Examination["cluster"], id: string | null): Job | undefined =>
  jobs.find((job) => (id ? job.id === id : job.owner !== cluster.poller));

/** `jobId`: a job of `as` that exists now. Null: any foreign job will do. */
export async function examineSight(exam: Examination, jobId: string | null): Promise<Finding> {
  const { cluster, scheduler, as } = exam;
  const check = cluster.poll === "per-user" ? "a person's own jobs" : "sight of the poller";
  try {
    if (cluster.poll === "per-user") {
      if (!jobId || !as) return unchecked(check, "Needs a job: name somebody with --as.");
      const found = seen(await scheduler.jobs({ owner: as }), cluster, jobId);
      if (found) return fine(check, `poll: per-user, and ${as} sees job ${jobId}.`);
      return problem(check, `${as} does not see job ${jobId} in the queue.`, "Run squeue as that person.");
    }
    const found = seen(await scheduler.jobs({}), cluster, jobId);
    if (found) return fine(check, `${cluster.poller} sees job ${found.id} of ${found.owner}.`);
    if (!jobId) return unchecked(check, "Nobody else has a job in the queue.", "Name somebody with --as.");
    const words = `${cluster.poller} does not see job ${jobId} of ${as}: the cluster hides jobs (PrivateData).`;
    return problem(check, words, OPERATOR.replace("<poller>", cluster.poller));
  } catch (error) {
    return unchecked(check, sentenceOf(error));
  }
}

export async function* examineAccounting(exam: Examination, facts: ClusterFacts | null): AsyncGenerator<Finding> {
  yield await accounting(exam, facts);
  if (exam.cluster.scheduler === "slurm") yield await associations(exam);
}
