// Runs one tiny job as a person and reads what it saw: the session path from a compute node, the job's environment, what
// our scripts need there, and one connection to it. The job and its directory are gone afterwards, whatever happened.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { judgeAnswers } from "@/lib/clusters/examine-answers";
import type { Examination } from "@/lib/clusters/examine-cluster";
import { type Finding, fault, fine, problem, sentenceOf, unchecked } from "@/lib/clusters/examine-finding";
import { ANSWER, PROBE_SCRIPT, TOKEN } from "@/lib/clusters/examine-job-script";
import { examineSight } from "@/lib/clusters/examine-queue";
import { checkedTarget } from "@/lib/gateway/target";
import type { ClusterFacts, JobSpec } from "@/lib/scheduler/scheduler";
import { jobFile } from "@/lib/sessions/job-file";
import { newSessionId } from "@/lib/sessions/new-id";

const LOOK_SECONDS = 1;
const ACCOUNTED_SECONDS = 30;
/** Everything that a shell, a directive or a line-based format would stumble over. */
export const ODD = "a  'b' \"c\" $(id) `id` $HOME \\ | ; & #SBATCH --x=\n\tü é\r\n\n";

type Running = { exam: Examination; as: string; id: string; directory: string; token: string };

// ls first: opening the directory makes NFS clients look again instead of trusting cached attributes.
const READ = `cd -- "$1" || exit 0; ls -a >/dev/null; [ -f "$2" ] && cat -- "$2"; exit 0`;
const text = (words: string) => new TextEncoder().encode(words);

async function read({ exam, as, directory }: Running, file: string): Promise<string> {
  const argv = ["/bin/sh", "-c", READ, "sh", directory, file];
  return Buffer.from((await exam.reach.run(argv, { user: as })).stdout).toString("utf8");
}

function specOf({ cluster, partition, account }: Examination, as: string, token: string): JobSpec {
  const name = newSessionId();
  const path = (base: string) => base.replaceAll("{user}", as);
  const { modules, scratchPath } = cluster;
  return {
    owner: as,
    tag: `berth-${name}`,
    comment: `berth:doctor:${name}`,
    directory: `${path(cluster.sessionPath)}/${name}`,
    files: [
      { name: "probe.sh", content: text(PROBE_SCRIPT) },
      jobFile("place.sh"),
      { name: TOKEN, content: text(token) },
    ],
    script: "probe.sh",
    environment: {
      BERTH_ODD: ODD,
      ...(modules ? { BERTH_MODULES_INIT: modules.init, BERTH_MODULES_PATH: modules.path ?? "" } : {}),
      ...(scratchPath ? { BERTH_SCRATCH: `${path(scratchPath)}/berth-${name}` } : {}),
    },
    ...{ partition, account, nodes: 1, cpus: 1, memoryMiB: 256, gpus: 0, minutes: 2, limitMinutes: 2 },
  };
}

type Waited = { answers: Map<string, string> } | { waited: string };

const stateOf = async ({ exam, as, id }: Running) =>
  (await exam.scheduler.jobs({ owner: as })).find((job) => job.id === id);

function parse(answer: string): Map<string, string> {
  const lines = answer.trimEnd().split("\n");
  return new Map(
    lines.map((line) => [line.split(" ")[0] ?? "", Buffer.from(line.split(" ")[1] ?? "", "base64").toString("utf8")]),
  );
}

async function awaitAnswer(running: Running): Promise<Waited> {
  const { waitSeconds, signal } = running.exam;
  const deadline = performance.now() + waitSeconds * 1000;
  let words = "It did not start.";
  let endedLooks = 0;
  while (performance.now() < deadline && !signal?.aborted) {
    const answer = await read(running, ANSWER);
    if (answer) return { answers: parse(answer) };
    const job = await stateOf(running);
    // A file that a node wrote takes a while to appear on another: an ended job gets a few more looks.
    if (!job || job.state === "ended") endedLooks += 1;
    if (endedLooks > 15) break;
    const { state, reason } = job?.native ?? { state: "gone", reason: "" };
    words = `Job ${running.id} is ${state}${reason && reason !== "None" ? ` (${reason})` : ""}.`;
    await sleep(LOOK_SECONDS * 1000, undefined, { signal }).catch(() => {});
  }
  return { waited: words };
}

async function noAnswer(running: Running, waited: string): Promise<Finding> {
  const check = "session path from a compute node";
  const job = await stateOf(running);
  if (job?.state === "queued" || job?.state === "held") {
    const todo = "Give it more time with --wait <seconds>, or an emptier place with --partition and --account.";
    return unchecked(check, `${waited} It was cancelled.`, todo);
  }
  const log = (await read(running, "log")).trim().slice(-300);
  const todo = `The job ran, or ended, without leaving a word in ${running.directory}. Is sessionPath on storage that login and compute nodes share?`;
  return problem(check, `${waited} ${log ? `Its log: ${log}` : "It left no log."}`, todo);
}

async function answersOnPort({ exam, as, token }: Running, port: number, address: string): Promise<Finding> {
  const check = "an app on a compute node";
  const where = `${address}:${port}`;
  try {
    const target = await checkedTarget(address, port, exam.cluster.nodeNetworks);
    const stream = await exam.reach.connect(target, as);
    stream.end();
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    if (Buffer.concat(chunks).toString() === token) return fine(check, `It answered on ${where}.`);
    return problem(check, `Something else answered on ${where}.`, "Is NodeAddr of that node right?");
  } catch (error) {
    const todo = "Let the portal's side reach TCP 1024 to 65535 of compute nodes; check NodeAddr and nodeNetworks.";
    return fault(check, error, todo);
  }
}

async function connection(running: Running, answers: Map<string, string>, facts: ClusterFacts): Promise<Finding> {
  const job = await stateOf(running);
  const name = job?.nodes[0] ?? answers.get("node");
  const node = facts.nodes.find((entry) => entry.name === name);
  const port = Number(answers.get("port"));
  if (!node || !port)
    return unchecked("an app on a compute node", "The job could not listen, or its node is not known.");
  return answersOnPort(running, port, node.address);
}

async function accounted({ exam, as, id }: Running): Promise<Finding> {
  const check = "accounting of a finished job";
  const since = new Date(Date.now() - 3_600_000);
  for (const deadline = performance.now() + ACCOUNTED_SECONDS * 1000; performance.now() < deadline; ) {
    const records = await exam.scheduler.history({ owner: as, ids: [id], since });
    const record = records.find((entry) => entry.state === "ended");
    if (record) return fine(check, `It knows job ${id}: ${record.native.state}.`);
    await sleep(LOOK_SECONDS * 1000);
  }
  const todo = "Is slurmdbd behind, or may the person not read it (PrivateData=usage)? Run sacct as that person.";
  return problem(check, `It does not know job ${id} after ${ACCOUNTED_SECONDS} s.`, todo);
}

/** A directory that is known by `~/...` only is the person's shell to find. */
const REMOVE = `case $1 in "~/"*) set -- "$HOME/\${1#??}" ;; esac; rm -rf -- "$1"`;

async function remove({ exam, as, id, directory }: Running): Promise<Finding[]> {
  try {
    await exam.scheduler.control(as, id, { kind: "cancel" });
    await exam.reach.run(["/bin/sh", "-c", REMOVE, "sh", directory], { user: as });
    return [];
  } catch (error) {
    const todo = `As ${as}: scancel ${id}; rm -rf ${directory}`;
    return [fault("cleaning up", error, todo)];
  }
}

async function* look(running: Running, facts: ClusterFacts): AsyncGenerator<Finding> {
  yield await examineSight(running.exam, running.id);
  const waited = await awaitAnswer(running);
  if ("waited" in waited) {
    yield await noAnswer(running, waited.waited);
    return;
  }
  const { exam, token, directory } = running;
  yield* judgeAnswers(waited.answers, { token, odd: ODD, directory, cluster: exam.cluster });
  yield await connection(running, waited.answers, facts);
  if (exam.cluster.scheduler === "slurm" && exam.cluster.accounting) yield await accounted(running);
}

async function* submitted(exam: Examination, as: string, facts: ClusterFacts): AsyncGenerator<Finding> {
  const token = randomBytes(16).toString("hex");
  const spec = specOf(exam, as, token);
  const result = await exam.scheduler.submit(spec);
  if (result.outcome === "rejected") {
    const todo =
      "Choose another place with --partition and --account; look at sessionPath when it speaks of a directory.";
    yield problem("a job", `It was not taken: ${result.words}`, todo);
    return;
  }
  const id = result.outcome === "accepted" ? result.jobId : await exam.scheduler.find(as, spec.tag);
  if (!id) {
    const words = result.outcome === "unknown" ? result.words : "";
    yield problem("a job", `Nobody knows whether it was taken: ${words}`, "Is slurmctld up and not overloaded?");
    return;
  }
  const directory = result.outcome === "accepted" ? result.directory : spec.directory;
  const running = { exam, as, id, directory, token };
  try {
    yield* look(running, facts);
  } finally {
    yield* await remove(running);
  }
}

/** Needs somebody to submit as, and a scheduler that answers. */
export async function* examineJob(exam: Examination, facts: ClusterFacts | null): AsyncGenerator<Finding> {
  const { as } = exam;
  if (!as || !facts) {
    yield await examineSight(exam, null);
    const why = as ? "The scheduler does not answer." : "Nobody was named with --as.";
    yield unchecked("session path, --export-file, python3, modules, scratch, accounting of a job", why);
    return;
  }
  try {
    yield* submitted(exam, as, facts);
  } catch (error) {
    yield unchecked("a job", sentenceOf(error));
  }
}
