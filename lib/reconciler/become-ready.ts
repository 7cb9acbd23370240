// From "the job runs" to "the app answers": the connection file gives port and secret, the scheduler gives the node,
// and the app must answer through the same way that the gateway will take. Only then is a session ready.
import { setTimeout as sleep } from "node:timers/promises";
import { cluster } from "@/lib/clusters/cluster";
import { snapshotOf } from "@/lib/clusters/snapshot";
import { type Probe, type ProbeAnswer, probeApp } from "@/lib/gateway/probe-app";
import { metrics } from "@/lib/metrics";
import { commit } from "@/lib/reconciler/commit";
import { seal, unseal } from "@/lib/seal";
import { type ConnectionFile, readSessionFiles } from "@/lib/sessions/session-files";
import type { SessionPatch, SessionRow } from "@/lib/sessions/store";
import { template } from "@/lib/templates/template";

/** NodeAddr of the node, from the facts; asked anew when they do not know it. */
async function addressOf(row: SessionRow): Promise<string | null> {
  if (row.nodeAddress) return row.nodeAddress;
  const known = (await snapshotOf(row.cluster)).facts?.nodes.find((node) => node.name === row.node);
  if (known) return known.address;
  const facts = await cluster(row.cluster).scheduler.facts();
  return facts.nodes.find((node) => node.name === row.node)?.address ?? null;
}

/** The job's file is a claim, not a fact: it must be of this job, and the node is never taken from it. */
async function connectionPatch(row: SessionRow, found: ConnectionFile | null): Promise<SessionPatch | null> {
  if (!found || found.job !== row.jobId || found.start === row.connectionId) return null;
  const address = await addressOf(row);
  if (!address) return null;
  return {
    connectionId: found.start,
    port: found.port,
    secretSealed: seal(found.secret, "session-secret"),
    nodeAddress: address,
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
