// Whether Slurm's accounting knows a person, with which accounts and QOS. Asked as that person: accounting may be private.
import type { Access, WalltimeLimit } from "@/lib/scheduler/scheduler";
import type { SlurmCommands } from "./commands";
import { durationMinutes, list } from "./fields";
import { parseConfig } from "./records";

const OPEN: Access = {
  ...{ accounts: [], defaultAccount: null, qos: [], defaultQos: [], walltimes: [] },
  ...{ admitted: true, words: null },
};
const COLUMNS = ["User", "DefaultAccount", "Cluster", "Account", "QOS", "DefaultQOS", "MaxWall"];

type Asked = { user: string; accounting: boolean; whose: string[]; config: () => Promise<string> };

/** What Slurm says of the people that `whose` selects, read for one of them at a time. */
async function ask(commands: SlurmCommands, asked: Asked): Promise<(owner: string) => Access> {
  const { user, accounting, whose } = asked;
  const settings = parseConfig(await asked.config());
  if (!accounting || settings.get("AccountingStorageType") === "accounting_storage/none") return () => OPEN;
  const columns = `format=${COLUMNS.join(",")}`;
  const sacctmgr = (...args: string[]) => commands.ask("sacctmgr", ["-n", "-P", "show", ...args], { user });
  const [text, qos] = await Promise.all([
    sacctmgr("user", ...whose, "withassoc", columns),
    heedsQos(settings) ? sacctmgr("qos", "format=Name,MaxWall,Flags") : "",
  ]);
  // Once for all who are asked about: a large site has tens of thousands of lines.
  const lines = Map.groupBy(text.split("\n"), (line) => line.split("|", 1)[0]);
  return (owner) => readAccess((lines.get(owner) ?? []).join("\n"), { owner, settings, qos });
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

type Known = {
  owner: string;
  /** Of `scontrol show config`. */
  settings: Map<string, string>;
  /** Of `sacctmgr show qos format=Name,MaxWall,Flags`; empty where QOS are not heeded. */
  qos: string;
};

const walltime = (of: WalltimeLimit["of"], name = "", maxWall = ""): WalltimeLimit[] => {
  const minutes = durationMinutes(maxWall);
  return name && minutes !== null ? [{ of, name, minutes }] : [];
};

/** Of the associations with an account, which may be of one partition each; none where one of them has no limit. */
function walltimesOfAccount(name: string, rows: string[][]): WalltimeLimit[] {
  const own = rows.filter((row) => row[3] === name);
  const limits = own.flatMap((row) => walltime("account", name, row[6]));
  return limits.length === own.length ? limits : [];
}

/** A line of `sacctmgr show qos`. sacctmgr(1) "OverPartQOS". */
function walltimeOfQos(line: string): WalltimeLimit[] {
  const [name, maxWall, flags] = line.split("|");
  const first = list(flags).includes("OverPartQOS") ? { isFirst: true } : {};
  return walltime("qos", name, maxWall).map((limit) => ({ ...limit, ...first }));
}

/** sacctmgr(1) "PartitionTimeLimit", a flag of a QOS. Absent where no QOS has it. */
function beyondPartition(lines: string[]): Pick<Access, "qosBeyondPartition"> {
  const flagged = lines.map((line) => line.split("|")).filter((qos) => list(qos[2]).includes("PartitionTimeLimit"));
  return flagged.length > 0 ? { qosBeyondPartition: flagged.map(([name = ""]) => name) } : {};
}

/** Slurm's own default where an association has none: "normal", made with every database. sacctmgr(1) "DefaultQOS". */
const defaultOf = (named = "", allowed = ""): string => named || (list(allowed).includes("normal") ? "normal" : "");

/** Pure part of `access`, for recorded answers. */
export function readAccess(text: string, { owner, settings, qos: limits }: Known): Access {
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
    const defaults = rows.map((row) => ({ account: row[3] ?? "", qos: defaultOf(row[5], row[4]) }));
    const defaultQos = defaults.filter((entry) => entry.qos !== "");
    const walltimes = limitsWalltime(settings)
      ? [...limits.split("\n").flatMap(walltimeOfQos), ...accounts.flatMap((name) => walltimesOfAccount(name, rows))]
      : [];
    const beyond = beyondPartition(limits.split("\n"));
    return { accounts, defaultAccount, qos, defaultQos, walltimes, ...beyond, admitted: true, words: null };
  }
  if (!demandsAssociation(settings)) return OPEN;
  const words = `Slurm has no association for user ${owner} on cluster ${cluster ?? "this cluster"}.`;
  return { ...OPEN, admitted: false, words };
}

/** Where only associations are demanded, their limits are not enforced. slurm.conf(5) "AccountingStorageEnforce". */
function limitsWalltime(settings: Map<string, string>): boolean {
  return /limits|safe|all/.test(settings.get("AccountingStorageEnforce") ?? "");
}

/** "limits" and what implies it make Slurm read QOS, too. */
function heedsQos(settings: Map<string, string>): boolean {
  return limitsWalltime(settings) || /qos/.test(settings.get("AccountingStorageEnforce") ?? "");
}

/** slurm.conf(5) "AccountingStorageEnforce": limits, qos, safe and wckeys imply associations. */
function demandsAssociation(settings: Map<string, string>): boolean {
  return /assoc|limits|qos|safe|wckeys|all|\b[1-9]/.test(settings.get("AccountingStorageEnforce") ?? "");
}
