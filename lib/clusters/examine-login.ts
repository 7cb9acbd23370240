// Examines how a cluster's login nodes are reached: host keys, trust in the portal's authority and in nobody else's, room
// for channels, the clock.

import type { Examination } from "@/lib/clusters/examine-cluster";
import { type Finding, fault, fine, problem, sentenceOf, unchecked } from "@/lib/clusters/examine-finding";
import { type Connection, HungUp, type LoginNode, NodeFailure } from "@/lib/ssh/connection";
import type { SshReachConfig } from "@/lib/ssh/schema";
import {
  authorityLine,
  countChannels,
  logIn,
  logInAsStranger,
  type OfferedKey,
  offeredKeys,
} from "@/lib/ssh/try-login-node";

/** Certificates are dated back by 60 s and good for 300: half of the smaller leaves room for a slow day. */
const MOST_SKEW_SECONDS = 30;

type Place = { node: LoginNode; user: string; config: SshReachConfig; cluster: string };

const nameOf = ({ host, port }: LoginNode): string => (port === 22 ? host : `${host}:${port}`);
const bare = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(" ");

/** What to write under ssh.hostKeys. */
export const linesToPin = (offered: OfferedKey[]): string =>
  [...new Set(offered.filter((key) => !key.isSha1 || key.line.startsWith("ssh-rsa ")).map((key) => key.line))]
    .map((line) => `  - ${line}`)
    .join("\n");

function judgeKeys(check: string, offered: OfferedKey[], pinned: string[]): Finding {
  const modern = offered.filter((key) => !key.isSha1);
  const paste = `Compare with /etc/ssh/ssh_host_*_key.pub on the node itself, then write under ssh.hostKeys:\n${linesToPin(modern)}`;
  if (offered.length === 0) return problem(check, "It offers no key of a known type.", "Make it an Ed25519 host key.");
  if (modern.length === 0) {
    const todo = "Give it an Ed25519 host key (ssh-keygen -A), or allow rsa-sha2-512 in HostKeyAlgorithms.";
    return problem(check, "It signs with SHA-1 only, which the portal refuses.", todo);
  }
  const matching = modern.filter((key) => pinned.includes(key.line));
  if (matching.length === 0) return problem(check, "None of the keys it offers is pinned.", paste);
  const types = matching.map((key) => key.line.split(" ")[0]).join(" and ");
  const others = modern.filter((key) => !pinned.includes(key.line));
  const changed = others.find((key) => pinned.some((line) => line.split(" ")[0] === key.line.split(" ")[0]));
  // Several login nodes may have keys of their own; only a type that is pinned and differs everywhere deserves a word.
  const more = changed ? `; its ${changed.line.split(" ")[0]} key is not pinned` : "";
  return fine(check, `It shows a pinned key (${types}), none with SHA-1${more}.`);
}

async function hostKeys({ node, config }: Place): Promise<Finding> {
  const check = `host keys of ${nameOf(node)}`;
  try {
    return judgeKeys(check, await offeredKeys(node, config.handshakeTimeoutSeconds), config.hostKeys.map(bare));
  } catch (error) {
    return fault(check, error, "Check host and port in portal.yaml, and the firewall between the portal and the node.");
  }
}

async function worksWithoutSource(place: Place): Promise<boolean> {
  if (!place.config.sourceAddress) return false;
  const config = { ...place.config, sourceAddress: undefined };
  const connection = await logIn({ ...place, config }, place.cluster).catch(() => null);
  connection?.close();
  return connection !== null;
}

async function whatToDo(place: Place, error: unknown): Promise<string> {
  if (error instanceof NodeFailure) return "See the host keys above; otherwise sshd's own log.";
  if (error instanceof HungUp)
    return `sshd's log names PAM: chage -l ${place.user}, pam_access, sssd's access_provider, /run/nologin.`;
  if (await worksWithoutSource(place)) {
    return "The portal does not come from ssh.sourceAddress: write the address that sshd's log names there.";
  }
  const line = await authorityLine(place).catch(() => "the public key of ssh.ca");
  return [
    "sshd's log (LogLevel VERBOSE) names the reason. The usual ones: TrustedUserCAKeys lacks the line",
    `  ${line}`,
    `${place.user} does not exist there, is locked, or has no valid shell; AllowUsers, Match or AuthorizedPrincipals`,
    "leave it out; the clocks differ by more than a minute.",
  ].join("\n");
}

async function trust(place: Place): Promise<{ finding: Finding; connection: Connection | null }> {
  const check = `certificate of ${place.user} on ${nameOf(place.node)}`;
  try {
    const connection = await logIn(place, place.cluster);
    return { finding: fine(check, "It is accepted."), connection };
  } catch (error) {
    return { finding: fault(check, error, await whatToDo(place, error)), connection: null };
  }
}

async function foreignAuthority(place: Place): Promise<Finding> {
  const check = `another authority's certificate on ${nameOf(place.node)}`;
  try {
    const connection = await logInAsStranger(place);
    connection.close();
    const todo = "Whoever reaches this sshd can be anybody. Read its TrustedUserCAKeys and AuthenticationMethods.";
    return problem(check, "It is accepted.", todo);
  } catch (error) {
    if (error instanceof NodeFailure) return unchecked(check, sentenceOf(error));
    return fine(check, "It is refused.");
  }
}

async function maxSessions({ node, config }: Place, connection: Connection): Promise<Finding> {
  const check = `MaxSessions of ${nameOf(node)}`;
  const wanted = config.maxChannelsPerConnection;
  const found = await countChannels(connection, wanted + 1);
  if (found > wanted) return fine(check, `${found} channels on one connection, the portal uses ${wanted}.`);
  if (found === wanted) return fine(check, `${found} channels on one connection: just what the portal uses.`);
  const todo = `Set ssh.maxChannelsPerConnection: ${Math.max(1, found)}, or raise MaxSessions in its sshd_config.`;
  return problem(check, `Only ${found} channels fit on one connection, the portal would use ${wanted}.`, todo);
}

async function* oneNode(place: Place, as: string | null): AsyncGenerator<Finding> {
  yield await hostKeys(place);
  const { finding, connection } = await trust(place);
  yield finding;
  if (as) {
    const person = await trust({ ...place, user: as });
    person.connection?.close();
    yield person.finding;
  }
  yield await foreignAuthority(place);
  if (connection) {
    yield await maxSessions(place, connection);
    connection.close();
  } else yield unchecked(`MaxSessions of ${nameOf(place.node)}`, `${place.user} cannot log in.`);
}

async function clock({ cluster, reach }: Examination): Promise<Finding> {
  const before = Date.now();
  const { stdout } = await reach.run(["date", "+%s"], { user: cluster.poller });
  const there = Number(Buffer.from(stdout).toString());
  const skew = Math.round(there - (before + Date.now()) / 2000);
  if (Math.abs(skew) <= MOST_SKEW_SECONDS)
    return fine("clock", `The login node's is within ${MOST_SKEW_SECONDS} s of ours.`);
  const todo = "Run NTP (chrony) on both. A certificate is dated by the portal's clock and judged by the login node's.";
  return problem("clock", `The login node's differs by ${skew} s.`, todo);
}

/** Login nodes one after another; nothing for a cluster without SSH. */
export async function* examineLogin(exam: Examination): AsyncGenerator<Finding> {
  const { cluster, as } = exam;
  const { ssh } = cluster;
  if (!ssh) return;
  for (const node of ssh.hosts) {
    yield* oneNode({ node, user: cluster.poller, config: ssh, cluster: cluster.name }, as);
  }
  yield await clock(exam).catch((error) => unchecked("clock", sentenceOf(error)));
}
