// Whether Slurm's accounting knows a person, with which accounts and QOS. Asked as that person: accounting may be private.
import type { Access } from "@/lib/scheduler/scheduler";
import type { SlurmCommands } from "./commands";
import { list } from "./fields";
import { parseConfig } from "./records";

const OPEN: Access = { accounts: [], defaultAccount: null, qos: [], admitted: true, words: null };
const COLUMNS = ["User", "DefaultAccount", "Cluster", "Account", "QOS", "DefaultQOS"];

type Asked = { user: string; accounting: boolean; whose: string[]; config: () => Promise<string> };

/** What Slurm says of the people that `whose` selects, read for one of them at a time. */
async function ask(commands: SlurmCommands, asked: Asked): Promise<(owner: string) => Access> {
  const { user, accounting, whose } = asked;
  const settings = parseConfig(await asked.config());
  if (!accounting || settings.get("AccountingStorageType") === "accounting_storage/none") return () => OPEN;
  const columns = `format=${COLUMNS.join(",")}`;
  const text = await commands.ask("sacctmgr", ["-n", "-P", "show", "user", ...whose, "withassoc", columns], { user });
  // Once for all who are asked about: a large site has tens of thousands of lines.
  const lines = Map.groupBy(text.split("\n"), (line) => line.split("|", 1)[0]);
  return (owner) => readAccess((lines.get(owner) ?? []).join("\n"), { owner, settings });
}

export async function access(commands: SlurmCommands, owner: string, accounting: boolean): Promise<Access> {
  const config = () => commands.ask("scontrol", ["show", "config"], { user: owner });
  const read = await ask(commands, { user: owner, accounting, whose: ["where", `name=${owner}`], config });
  return read(owner);
}

/** Everybody at once, asked as the poller: an operator sees all, another account perhaps only itself. */
export async function everyonesAccess(
  commands: SlurmCommands,
  given: { accounting: boolean; config: () => Promise<string> },
): Promise<(owner: string) => Access> {
  return ask(commands, { user: commands.poller, whose: [], ...given });
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
