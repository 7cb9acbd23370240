// Whether Slurm's accounting knows a person, with which accounts and QOS. Asked as that person: accounting may be private.
import type { Access } from "@/lib/scheduler/scheduler";
import type { SlurmCommands } from "./commands";
import { list } from "./fields";
import { parseConfig } from "./records";

const OPEN: Access = { accounts: [], defaultAccount: null, qos: [], admitted: true, words: null };
const COLUMNS = ["User", "DefaultAccount", "Cluster", "Account", "QOS", "DefaultQOS"];

export async function access(commands: SlurmCommands, owner: string, accounting: boolean): Promise<Access> {
  const settings = parseConfig(await commands.ask("scontrol", ["show", "config"], { user: owner }));
  if (!accounting || settings.get("AccountingStorageType") === "accounting_storage/none") return OPEN;
  const columns = `format=${COLUMNS.join(",")}`;
  const question = ["-n", "-P", "show", "user", "where", `name=${owner}`, "withassoc", columns];
  return readAccess(await commands.ask("sacctmgr", question, { user: owner }), { owner, settings });
}

/** Pure part of `access`, for recorded answers. `settings`: of `scontrol show config`. */
export function readAccess(
  text: string,
  { owner, settings }: { owner: string; settings: Map<string, string> },
): Access {
  const cluster = settings.get("ClusterName");
  const rows = text
    .split("\n")
    .map((line) => line.split("|"))
    .filter((row) => row[0] === owner && row[3] && (!cluster || row[2] === cluster));
  const accounts = [...new Set(rows.map((row) => row[3] ?? ""))];
  if (accounts.length > 0) {
    const preferred = rows[0]?.[1] ?? "";
    const defaultAccount = accounts.includes(preferred) ? preferred : (accounts[0] ?? null);
    const qos = [...new Set(rows.flatMap((row) => list(row[4])))];
    return { accounts, defaultAccount, qos, admitted: true, words: null };
  }
  if (!demandsAssociation(settings)) return OPEN;
  const words = `Slurm has no association for user ${owner} on cluster ${cluster ?? "this cluster"}.`;
  return { ...OPEN, admitted: false, words };
}

/** slurm.conf(5) "AccountingStorageEnforce": limits, qos, safe and wckeys imply associations. */
function demandsAssociation(settings: Map<string, string>): boolean {
  return /assoc|limits|qos|safe|wckeys|all|\b[1-9]/.test(settings.get("AccountingStorageEnforce") ?? "");
}
