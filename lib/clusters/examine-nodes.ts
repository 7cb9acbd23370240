// Examines the way from the portal to apps on compute nodes: the scheduler's addresses, nodeNetworks, and the tunnel or
// the direct connection. A port that is refused was reached; silence is a firewall.

import { connectDirectly } from "@/lib/clusters/direct-connection";
import type { Examination } from "@/lib/clusters/examine-cluster";
import { type Finding, fine, problem, sentenceOf, unchecked } from "@/lib/clusters/examine-finding";
import { checkedTarget } from "@/lib/gateway/target";
import type { NodeFacts } from "@/lib/scheduler/scheduler";

/** Where apps usually listen, and hardly ever anything else: job.sh takes ports from 20000 on. */
const PORT = 20_001;
const MOST_NODES = 12;
const AT_ONCE = 4;

type Target = { host: string; port: number };
type Tried = { node: NodeFacts; words: string | null };

const isAway = ({ state }: NodeFacts): boolean =>
  /DOWN|DRAIN|FAIL|MAINT|POWER|NOT_RESPOND|UNKNOWN|FUTURE|\*/.test(state);
const wasRefused = (words: string): boolean => /refused|ECONNREFUSED/i.test(words);
const named = (nodes: NodeFacts[]): string =>
  `${nodes
    .slice(0, 5)
    .map((node) => `${node.name} (${node.address})`)
    .join(", ")}${nodes.length > 5 ? ` and ${nodes.length - 5} more` : ""}`;

async function addresses(
  { cluster }: Examination,
  nodes: NodeFacts[],
): Promise<{ finding: Finding; good: NodeFacts[] }> {
  const judged = await Promise.allSettled(nodes.map((node) => checkedTarget(node.address, PORT, cluster.nodeNetworks)));
  const good = nodes.filter((_, index) => judged[index]?.status === "fulfilled");
  const bad = nodes.filter((_, index) => judged[index]?.status === "rejected");
  const check = "node addresses";
  if (bad.length === 0) {
    return { good, finding: fine(check, `All ${nodes.length} resolve, and are inside nodeNetworks.`) };
  }
  const first = judged.find((result) => result.status === "rejected");
  const words = `${bad.length} of ${nodes.length} cannot be used: ${named(bad)}. ${sentenceOf(first?.reason)}`;
  const todo =
    "Add the network of the compute nodes to nodeNetworks (only theirs), or let their NodeAddr resolve on the portal's host.";
  return { good, finding: problem(check, words, todo) };
}

/** Null when the node was reached; else why not. */
async function reachable(
  connect: (target: Target) => Promise<{ destroy(): void }>,
  target: Target,
): Promise<string | null> {
  try {
    (await connect(target)).destroy();
    return null;
  } catch (error) {
    const words = sentenceOf(error);
    return wasRefused(words) ? null : words;
  }
}

async function tryAll(exam: Examination, nodes: NodeFacts[]): Promise<Tried[]> {
  const { cluster, reach, as } = exam;
  const connect = (target: Target) => reach.connect(target, as ?? cluster.poller);
  const tried: Tried[] = [];
  for (let at = 0; at < nodes.length; at += AT_ONCE) {
    const some = nodes.slice(at, at + AT_ONCE);
    const words = await Promise.all(
      some.map(async (node) => reachable(connect, await checkedTarget(node.address, PORT, cluster.nodeNetworks))),
    );
    tried.push(...some.map((node, index) => ({ node, words: words[index] ?? null })));
  }
  return tried;
}

async function noForwarding(exam: Examination, node: NodeFacts, words: string): Promise<Finding> {
  const target = await checkedTarget(node.address, PORT, exam.cluster.nodeNetworks);
  const isDirect = (await reachable(({ host, port }) => connectDirectly(host, port), target)) === null;
  const direct = isDirect
    ? "This host reaches the nodes directly: set ssh.apps: direct. Or allow"
    : "This host does not reach the nodes directly either. Allow";
  const todo = `${direct} AllowTcpForwarding for people who log in with the portal's certificates (see docs/operations.md).`;
  return problem("AllowTcpForwarding", words, todo);
}

async function way(exam: Examination, nodes: NodeFacts[]): Promise<Finding> {
  const isTunnel = exam.cluster.ssh?.apps === "tunnel";
  const check = isTunnel ? "AllowTcpForwarding" : "direct connections";
  const away = nodes.filter(isAway);
  const up = nodes.filter((node) => !isAway(node)).slice(0, MOST_NODES);
  if (up.length === 0) return unchecked(check, "No node with a usable address is up.");
  const tried = await tryAll(exam, up);
  const failed = tried.filter(({ words }) => words !== null);
  const first = failed[0];
  if (!first) {
    const skipped = away.length > 0 ? `; ${away.length} that are down were left out` : "";
    return fine(check, `${up.length} of ${nodes.length} nodes were tried and reached${skipped}.`);
  }
  const words = first.words ?? "";
  if (/AllowTcpForwarding/.test(words)) return noForwarding(exam, first.node, words);
  const from = isTunnel ? "the login nodes" : "the portal's host";
  const todo =
    `Open TCP 1024 to 65535 from ${from} to the compute nodes. ${isTunnel ? "" : "Or set ssh.apps: tunnel."}`.trim();
  return problem(check, `${named(failed.map(({ node }) => node))} cannot be reached: ${words}`, todo);
}

/** `nodes` as the scheduler told them; null when it did not answer. */
export async function* examineNodes(exam: Examination, nodes: NodeFacts[] | null): AsyncGenerator<Finding> {
  if (!nodes) {
    yield unchecked("node addresses", "The scheduler did not say which nodes there are.");
    return;
  }
  const { finding, good } = await addresses(exam, nodes);
  yield finding;
  yield await way(exam, good).catch((error) => unchecked("AllowTcpForwarding", sentenceOf(error)));
}
