// What a scheduler's own words on waiting and on refusals mean for the person, and what to do next; how a session ended is
// lib/sessions/rules.ts' to say. Pure, browser and server. Slurm's words are known
// best; words nobody knows are quoted, never guessed at. Sources: squeue(1) "JOB REASON CODES", resource_limits, slurm_errno.
import type { ClusterView } from "@/lib/clusters/schema";

type WalltimeLimit = ClusterView["me"]["walltimes"][number];
type Asked = { account?: string | undefined; qos?: string | undefined };
type Defaults = Pick<ClusterView["me"], "defaultAccount" | "defaultQos">;

/** Reasons that are one word. `{in}` becomes " in partition cpu" where the partition is known. */
const WAITS: Record<string, string> = {
  "": "Waits for the scheduler to look at it.",
  None: "Waits for the scheduler to look at it.",
  WaitingForScheduling: "Waits for the scheduler to look at it.",
  CONFIGURING: "Its node is being started, which may take some minutes.",
  POWER_UP_NODE: "Its node is being started, which may take some minutes.",
  Resources: "Waits for free cores, memory or GPUs{in}.",
  Priority: "Waits behind jobs with a higher priority{in}.",
  Dependency: "Waits for another job that it depends on.",
  DependencyNeverSatisfied: "Depends on a job that will never fulfil the condition, so it cannot start. Stop it.",
  BeginTime: "Waits for its start time, or for the pause after it was put back into the queue.",
  Licenses: "Waits for a software licence that is in use.",
  JobHeldUser: "You put it on hold. Release it to let it start.",
  JobHeldAdmin: "An administrator put it on hold. Ask your support why.",
  JobHoldMaxRequeue: "Was put back into the queue too often and is held. Ask your support.",
  PartitionDown: "Nothing starts{in} at the moment: it is closed. Wait, or choose another partition.",
  PartitionInactive: "Nothing starts{in} at the moment. Wait, or choose another partition.",
  PartitionTimeLimit: "Asks for more time than is allowed{in}. Stop it and ask for less time or another partition.",
  PartitionNodeLimit: "Asks for more nodes than are allowed or up{in}. Stop it and ask for fewer.",
  PartitionConfig: "Does not fit what is allowed{in}. Stop it and choose another partition.",
  ReqNodeNotAvail: "Waits for nodes that are down, reserved or in use.",
  Reservation: "Waits for its reservation to begin.",
  ReservationDeleted: "Its reservation no longer exists. Stop it and launch it without.",
  RequiresReservation: "Only jobs with a reservation run{in}. Choose a reservation or another partition.",
  BadConstraints: "No node can ever fulfil what it asks for. Stop it and ask for other features or GPUs.",
  InvalidAccount: "Its account is not valid here. Stop it and choose another account.",
  AccountNotAllowed: "Its account may not be used{in}. Stop it and choose another of either.",
  AccountingPolicy: "A limit of accounting holds it back. Ask your support which.",
  InvalidQOS: "Its QOS is not valid here. Stop it and choose another QOS.",
  QOSNotAllowed: "Its QOS may not be used{in}. Stop it and choose another of either.",
  QOSUsageThreshold: "Its QOS has used more than its share. Choose another QOS.",
  QOSJobLimit: "As many jobs of its QOS run as are allowed. It starts when one of them ends.",
  QOSResourceLimit: "Its QOS uses as much as it may. It starts when others of that QOS end.",
  QOSTimeLimit: "Its QOS has used up the time granted to it. Choose another QOS.",
  AssociationJobLimit: "As many jobs of your account run as are allowed. It starts when one of them ends.",
  AssociationResourceLimit: "Your account uses as much as it may. It starts when others of that account end.",
  AssociationTimeLimit: "Your account has used up the time granted to it. Choose another account.",
  NodeDown: "A node that it needs is down.",
  FrontEndDown: "The machine that starts jobs is down. Nothing to do but wait.",
  Prolog: "Its nodes are being prepared.",
  PrologSlurmctld: "Its nodes are being prepared.",
  Cleaning: "Is cleaned up after an earlier start and then waits again.",
  BurstBufferResources: "Waits for room in the burst buffer.",
  BurstBufferStageIn: "Waits while files are copied into the burst buffer.",
  BurstBufferOperation: "An operation of the burst buffer failed. Ask your support.",
  JobArrayTaskLimit: "Waits for other tasks of its array.",
  JobLaunchFailure: "Could not be started on its node. Ask your support.",
  SystemFailure: "Slurm, a file system or the network failed. Ask your support.",
  DeadLine: "Cannot end before its deadline any more. Stop it.",
};

const RESOURCES: [RegExp, string][] = [
  [/^cpu$/i, "cores"],
  [/^gres$/i, "GPUs"],
  [/^mem/i, "memory"],
  [/^node/i, "nodes"],
  [/^job/i, "running jobs"],
  [/^submitjob/i, "jobs in the queue"],
  [/^wall/i, "time"],
  [/^license/i, "licences"],
  [/^bb$/i, "burst buffer"],
];
const resourceName = (word: string) => RESOURCES.find(([pattern]) => pattern.test(word))?.[1] ?? "resources";

const LIMIT =
  /^(QOS|Assoc|)(Grp|Max|Min)(CPU|Cpu|GRES|Memory|Mem|Node|Jobs?|SubmitJobs?|WallDuration|Wall|Billing|BB|License|Energy|Unknown)(RunMinutes|Minutes)?(PerJob|PerUser|PerNode|PerAccount)?(NotSatisfied|Limit)?$/;

/** QOSMaxGRESPerUser, AssocGrpCpuLimit, ... : about a hundred names with one grammar. */
function limitSentence(reason: string): string | null {
  const match = LIMIT.exec(reason);
  if (!match) return null;
  const [, holder = "", kind, resource = "", minutes, per] = match;
  const what = resourceName(resource);
  const whose = holder === "QOS" ? "its QOS" : "your account";
  if (kind === "Min")
    return `Asks for less (${what}) than its QOS demands of a job. Stop it and ask for more, or choose another QOS.`;
  if (minutes === "RunMinutes")
    return `Waits until running jobs of ${whose} have less time left. A shorter time starts sooner.`;
  if (minutes && kind === "Max")
    return `Asks for more (${what} times minutes) than ${whose} allows one job. It cannot start: stop it and ask for less, or for less time.`;
  // A group's wall time is what its jobs have used: it comes back by and by at most. sacctmgr(1) "GrpWall".
  const isWall = kind === "Grp" && /^wall/i.test(resource);
  if (minutes || isWall)
    return `The time ${isWall ? "" : `on ${what} `}granted to ${whose} is used up. Choose another account or QOS, or ask for more time to be granted.`;
  if (kind === "Grp")
    return `${capital(whose)} has reached the limit that its jobs share (${what}). It starts when some of them end.`;
  if (per === "PerUser" || per === "PerAccount" || /jobs?$/i.test(resource)) {
    const holderWord = per === "PerAccount" ? "Your account has" : "You have";
    return `${holderWord} as much (${what}) as is allowed at one time. It starts when another of these jobs ends.`;
  }
  return `Asks for more (${what}) than ${whose} allows one job. It cannot start: stop it and ask for less.`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Sentences for reasons that carry more words than a code. */
const WORDY: [RegExp, string][] = [
  [/reserved.?for.?maintenance/i, "Waits until announced maintenance is over. A shorter time may fit in before it."],
  [
    /user.?env.?retrieval.?failed/i,
    "Your login environment could not be loaded on the node, and the job is held. Look at your shell's start files.",
  ],
  [
    /requeued.?in.?(held|special)/i,
    "Was put back into the queue and is held there. It starts again once it is released; ask your support if it was not you.",
  ],
  [
    /nodes.?required.?for.?job.?are.?down/i,
    "Waits{in} for nodes that are down, drained or kept for jobs of higher priority. Wait, or choose another partition.",
  ],
  [/launch.?failed.?requeued/i, "Could not be started on its node and is held. Ask your support."],
];

/** One sentence on why a queued job waits. `reason`: the scheduler's own word(s). */
export function waitSentence(reason: string, { partition }: { partition: string | null }): string {
  const place = partition ? ` in partition ${partition}` : "";
  const wordy = WORDY.find(([pattern]) => pattern.test(reason))?.[1];
  if (wordy) return wordy.replace("{in}", place);
  const code = /^\(?([A-Za-z]*)/.exec(reason)?.[1] ?? "";
  const nodes = /UnavailableNodes:([^\s,)][^\s)]*)/.exec(reason)?.[1];
  if (code === "ReqNodeNotAvail" && nodes) return `Waits for nodes that are down or reserved: ${nodes}.`;
  const known = Object.hasOwn(WAITS, code) ? WAITS[code] : limitSentence(code);
  return known ? known.replace("{in}", place) : `Waits; the scheduler's reason is “${reason}”.`;
}

/** What a refusal of sbatch, of the local engine or of the file system means, and what to do. First match wins. */
const REFUSALS: [RegExp, string][] = [
  [
    /^login node \S+ (refused|runs no programs)|^not an account the portal can use/i,
    "The cluster does not let your account log in. Ask your support.",
  ],
  [
    /invalid account or account\/partition/i,
    "Your account may not be used here, or not in this partition. Choose another account or partition.",
  ],
  [/invalid partition|invalid partition name/i, "This partition does not exist. Choose another one."],
  [/no partition specified/i, "The cluster has no default partition. Choose one."],
  [/group not permitted to use this partition/i, "Your group may not use this partition. Choose another one."],
  [/invalid qos/i, "This QOS does not exist or may not be used with your account. Choose another one."],
  [/usage threshold/i, "This QOS has used more than its share. Choose another one."],
  [
    /invalid (preferred )?feature/i,
    "No node has a feature that was asked for. Change the constraint, or leave it empty.",
  ],
  [
    /invalid generic resource|invalid gres|invalid trackable resource/i,
    "This kind of GPU does not exist here. Choose another one.",
  ],
  [
    /requested node configuration is not available/i,
    "No node has this many cores, this much memory or these GPUs. Ask for less, or choose another partition.",
  ],
  [/memory required by task|memory specification can not be satisfied/i, "No node has this much memory. Ask for less."],
  [
    /more processors requested|cpu count specification|requested more tasks/i,
    "More cores are asked for than one node has. Ask for fewer.",
  ],
  [/node count specification/i, "This many nodes are not allowed. Ask for fewer."],
  [
    /requested time limit is invalid|invalid time-min|invalid time specified/i,
    "More time is asked for than this partition allows. Ask for less, or choose another partition.",
  ],
  [
    /violates accounting\/qos policy|QOSMax|AssocMax|AssocGrp|QOSGrp/i,
    "A limit of your account or QOS does not allow this job: too many jobs, or too much asked for. Ask for less, or wait until others end.",
  ],
  [/access denied to requested reservation/i, "You may not use this reservation. Choose another one, or none."],
  [/requested reservation/i, "This reservation does not exist or cannot be used now. Choose another one, or none."],
  [
    /partition in down state|partition not available/i,
    "This partition is closed at the moment. Choose another one, or try later.",
  ],
  [/required node not available/i, "The nodes needed are down or reserved. Choose another partition, or try later."],
  [/invalid license/i, "This licence does not exist here."],
  [/dependency/i, "It depends on a job that does not exist."],
  [
    /access\/permission denied|user id|system submissions disabled/i,
    "The scheduler does not let you start jobs here. Ask your support.",
  ],
  [
    /unable to change directory|i\/o error writing script/i,
    "The scheduler could not keep the job's files. Ask your support.",
  ],
  [/maximum.*jobs|create job record/i, "The scheduler takes no more jobs at the moment. Try later."],
  [
    /no space left|quota exceeded/i,
    "There is no room for the session's files: your storage on the cluster is full. Delete something and try again.",
  ],
  [
    /wrote only|cannot write|file too large/i,
    "The session's files could not be written completely. Look at your storage on the cluster and try again.",
  ],
  [
    /read-only file system/i,
    "The storage of the cluster cannot be written to at the moment. Try later, or ask your support.",
  ],
  [
    /is a symbolic link|belongs to (somebody|another)|not your own directory|exists and is not empty/i,
    "The place for the session's files is not safe to use: it is not yours alone. Move it away, or ask your support.",
  ],
  [/permission denied/i, "You may not write where session files are kept. Ask your support."],
  [/not found|no such file/i, "A program or directory that is needed is missing on the login node. Ask your support."],
  [/always reject/i, "This partition exists to show what a refusal looks like. Choose another one."],
];

/** One sentence for the person on why a job was not taken; the words themselves belong beneath it. */
export function rejectionSentence(words: string): string {
  const known = REFUSALS.find(([pattern]) => pattern.test(words));
  return known?.[1] ?? "The scheduler did not take the job.";
}

/** The QOS of a job: the one asked for, else its account's default; undefined where that is not known. In lower case, as Slurm keeps it. */
export function qosOf({ account, qos }: Asked, { defaultAccount, defaultQos }: Defaults): string | undefined {
  const own = (account || defaultAccount || "").toLowerCase();
  return (qos || defaultQos.find((entry) => entry.account.toLowerCase() === own)?.qos)?.toLowerCase();
}

/** For how long `partition` runs the job; null: as long as it likes, by itself or because the job's QOS goes beyond it. */
export function partitionMinutes(
  request: Asked,
  access: (Defaults & Pick<ClusterView["me"], "qosBeyondPartition">) | null,
  partition: { maxMinutes: number | null } | null | undefined,
): number | null {
  const qos = access && qosOf(request, access);
  return qos && access.qosBeyondPartition?.includes(qos) ? null : (partition?.maxMinutes ?? null);
}

/**
 * The walltime limit that holds for `request` in `partition`, or null when there is none: of the partition's QOS (unless the
 * job's own comes first), else of the job's own, else of its account. Source: https://slurm.schedmd.com/resource_limits.html "hierarchy". Where an account has several
 * associations the longest counts: the scheduler knows better which it takes.
 */
export function walltimeOf(
  request: Asked,
  access: Defaults & Pick<ClusterView["me"], "walltimes">,
  partition: { qos: string | null } | null,
): WalltimeLimit | null {
  const { walltimes } = access;
  const account = request.account ?? access.defaultAccount;
  const qos = qosOf(request, access);
  const longest = (of: WalltimeLimit["of"], name: string | null | undefined): WalltimeLimit | null => {
    const found = walltimes.filter((limit) => limit.of === of && limit.name.toLowerCase() === name?.toLowerCase());
    return found.toSorted((one, other) => other.minutes - one.minutes)[0] ?? null;
  };
  const own = longest("qos", qos);
  if (own?.isFirst) return own;
  return longest("qos", partition?.qos) ?? own ?? longest("account", account);
}
