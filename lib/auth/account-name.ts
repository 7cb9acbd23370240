// Which Unix account portal.yaml names for a person, and which names are never anybody's. Pure: nothing is asked or kept.
import { userInfo } from "node:os";
import type { ClusterConfig } from "@/lib/config";

type Mapped = Pick<ClusterConfig, "account" | "poller" | "ssh">;
export type NamedPerson = { subject: string; claims: Record<string, string> };

const ACCOUNT = /^[a-z_][a-z0-9_.-]{0,31}$/;

// Accounts of daemons that some sites give a high uid, so that the uid alone would not tell.
const SYSTEM = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody nogroup systemd-network
  systemd-resolve messagebus sshd ntp chrony polkitd dbus rpc rpcuser nfsnobody tss postgres mysql mariadb redis nginx
  apache httpd ldap openldap sssd munge slurm slurmdbd slurmrestd pbs sge lsfadmin adm sudo
  wheel halt shutdown toor git docker prometheus zabbix nagios puppet ansible`.split(/\s+/),
);

/** `lacks` is the middle of a sentence; `claimed` what a claim said that can be nobody's account. */
export type NamedAccount = { account: string } | { lacks: string; claimed?: string };

/** What the rule of a cluster says: an account, or which step is missing. */
export function accountByRule({ account: rule }: Mapped, person: NamedPerson): NamedAccount {
  if (rule.from === "process") return { account: userInfo().username };
  if (rule.from === "table") {
    const account = Object.hasOwn(rule.accounts, person.subject) ? rule.accounts[person.subject] : undefined;
    return account ? { account } : { lacks: "you are not in its table of accounts" };
  }
  const value = Object.hasOwn(person.claims, rule.claim) ? person.claims[rule.claim] : undefined;
  // Claims are of the last sign-in: what the rule or the provider names since then is not among them.
  const notOne = `your sign-on says nothing, or several things, under "${rule.claim}"; if that is new, sign out and in again`;
  if (value === undefined) return { lacks: notOne };
  // Held to the whole value: an open-ended pattern would let `alice@evil.example` pass for alice.
  const match = new RegExp(`^(?:${rule.pattern})$`, "u").exec(value);
  const account = match?.[1] ?? match?.[0];
  if (account) return { account };
  return { lacks: `what your sign-on says under "${rule.claim}" is not a name of an account`, claimed: value };
}

/** Why no person may have this account, or null. */
export function refusedName(account: string, cluster: Mapped): string | null {
  if (!ACCOUNT.test(account)) return "it is not a name of an account";
  if (cluster.account.from === "process") return account === "root" ? "the portal must not run as root" : null;
  if (SYSTEM.has(account) || account === cluster.poller) return "it is a system account";
  // Without SSH everything runs as the portal's own account, whoever asks.
  if (!cluster.ssh && account !== userInfo().username)
    return "this cluster is reached as the portal's own account only";
  return null;
}
