// From "the job runs" to "the app answers": the connection file gives port and secret, the scheduler gives the node,
// and the app must answer through the same way that the gateway will take. Only then is a session ready.
import { setTimeout as sleep } from "node:timers/promises";
import { cluster } from "@/lib/clusters/cluster";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { type Probe, type ProbeAnswer, probeApp } from "@/lib/gateway/probe-app";
import { metrics } from "@/lib/metrics";
import { commit } from "@/lib/reconciler/commit";
import type { ClusterFacts, NodeFacts } from "@/lib/scheduler/scheduler";
import { seal, unseal } from "@/lib/seal";
import { type ConnectionFile, readSessionFiles } from "@/lib/sessions/session-files";
import type { SessionPatch, SessionRow } from "@/lib/sessions/store";
import { template } from "@/lib/templates/template";

/** What a cloud boots anew has another address each time: one from before the job's start is of another machine. */
const isOfThisStart = (row: SessionRow, { state }: NodeFacts, factsAt: Date | null): boolean =>
  !/\bCLOUD\b/.test(state) || (factsAt !== null && row.startedAt !== null && factsAt > row.startedAt);

/** NodeAddr of the node, from the newest facts; asked anew when they do not know it. */
async function addressOf(row: SessionRow): Promise<string | null> {
  const named = (facts: ClusterFacts | null) => facts?.nodes.find((node) => node.name === row.node);
  const { facts, factsAt } = await snapshotOf(row.cluster);
  const known = named(facts);
  if (known && isOfThisStart(row, known, factsAt)) return known.address;
  return row.nodeAddress ?? named(await cluster(row.cluster).scheduler.facts())?.address ?? null;
}

/** The job's file is a claim, not a fact: it must be of this job, and the node is never taken from it. */
async function connectionPatch(row: SessionRow, found: ConnectionFile | null): Promise<SessionPatch | null> {
  const news = found && found.job === row.jobId && found.start !== row.connectionId ? found : null;
  if (!news && !row.connectionId) return null;
  const nodeAddress = await addressOf(row);
  if (!nodeAddress) return null;
  if (!news) return nodeAddress === row.nodeAddress ? null : { nodeAddress };
  return {
    connectionId: news.start,
    port: news.port,
    secretSealed: seal(news.secret, "session-secret"),
    nodeAddress,
  };
}

function countReady({ cluster: name, submittedAt, startedAt }: SessionRow, now: Date): void {
  const { readySeconds } = metrics();
  readySeconds.observe({ cluster: name, since: "submit" }, (now.getTime() - submittedAt.getTime()) / 1000);
  if (startedAt) readySeconds.observe({ cluster: name, since: "start" }, (now.getTime() - startedAt.getTime()) / 1000);
}

const probes = 5;
const probesApartMs = 400;

/** An app that listens is about to answer: the next look at the queue may be seconds away. */
async function probeSomeTimes(probe: Probe): Promise<ProbeAnswer> {
  for (let left = probes - 1; left > 0; left -= 1) {
    const answer = await probeApp(probe);
    if (answer !== "silent") return answer;
    await sleep(probesApartMs);
  }
  return probeApp(probe);
}

/** What somebody waits for already, or has found, is not read a second time. */
const connectionOf = async (row: SessionRow, known: ConnectionFile | null | undefined) =>
  known === undefined ? (await readSessionFiles(row, 0)).connection : known;

/** One look at a starting session. `known`: its connection; null while somebody waits for it; undefined: read it. */
export async function becomeReady(row: SessionRow, known?: ConnectionFile | null): Promise<void> {
  const connection = await connectionOf(row, known);
  const patch = await connectionPatch(row, connection);
  const current = patch ? await commit(row, patch, null) : row;
  if (!current?.port || !current.secretSealed || !current.nodeAddress) return;
  const answer = await probeSomeTimes({
    cluster: current.cluster,
    unixAccount: current.unixAccount,
    address: current.nodeAddress,
    port: current.port,
    manifest: template(current.template).manifest,
    secret: unseal(current.secretSealed, "session-secret"),
  });
  if (answer !== "answering") return;
  const readyAt = new Date();
  const ready = await commit(current, { state: "ready", readyAt }, "session.ready");
  if (ready) countReady(ready, readyAt);
}
