// npm run doctor -- <cluster> [--as alice]: examines a cluster of portal.yaml and says, line by line, what is fine, what is
// wrong and what to do about it. Works without the database and without a running portal.
import { userInfo } from "node:os";
import { parseArgs, styleText } from "node:util";
import { examineCluster } from "@/lib/clusters/examine-cluster";
import { type Finding, sentenceOf } from "@/lib/clusters/examine-finding";
import { linesToPin } from "@/lib/clusters/examine-login";
import { reachAs, reachFor } from "@/lib/clusters/reach";
import { type ClusterConfig, clusterConfig } from "@/lib/config";
import { env } from "@/lib/env";
import { isPortalError, PortalError } from "@/lib/errors";
import { schedulerFor } from "@/lib/scheduler/adapters";
import { offeredKeys } from "@/lib/ssh/try-login-node";

const usage = `Usage: npm run doctor -- <cluster> [--as <person>] [options]
       npm run doctor -- --host-keys <host>[:<port>]

  --as ACCOUNT        also submit one tiny job in this person's name, and remove it
  --config FILE       portal.yaml (default: PORTAL_CONFIG, else .data/portal.yaml)
  --partition NAME    where the job goes, and --account NAME: who pays for it
  --wait SECONDS      how long the job may wait in the queue (default 120)
  --json              one JSON document instead of lines
  --host-keys HOST    print the host keys that a login node offers, as lines to pin

Exit code: 0 nothing is wrong, 1 something is, 2 the question makes no sense.`;

const options = {
  as: { type: "string" },
  config: { type: "string" },
  partition: { type: "string" },
  account: { type: "string" },
  wait: { type: "string", default: "120" },
  json: { type: "boolean", default: false },
  "host-keys": { type: "string" },
  help: { type: "boolean", default: false },
} as const;

const misuse = (sentence: string): never => {
  console.error(`${sentence}\n\n${usage}`);
  process.exit(2);
};

function readArguments() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return misuse(sentenceOf(error));
  }
}

const marks = { ok: "✓", problem: "✗", unchecked: "?" } as const;
const colours = { ok: "green", problem: "red", unchecked: "yellow" } as const;

function print({ check, verdict, says, todo }: Finding): void {
  const words = verdict === "unchecked" ? `could not check: ${says}` : says;
  console.log(`${styleText(colours[verdict], marks[verdict])} ${check}: ${words}`);
  if (todo) console.log(todo.replace(/^/gm, "    "));
}

async function printHostKeys(target: string): Promise<void> {
  // An IPv6 address has a port only behind brackets.
  const [, inBrackets, plain, port = "22"] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(target) ?? [];
  const host = inBrackets ?? plain ?? target;
  const offered = (await offeredKeys({ host, port: Number(port) }, 10)).filter((key) => !key.isSha1);
  if (offered.length === 0) throw new PortalError("cluster", `${target} offers no host key that the portal accepts.`);
  console.error(
    "Compare with /etc/ssh/ssh_host_*_key.pub on the node itself before you write these under ssh.hostKeys:",
  );
  console.log(linesToPin(offered));
}

/** Where everything runs as one account anyway, nobody needs to be named. */
function onlyAccount({ account, ssh }: ClusterConfig): string | null {
  const { username } = userInfo();
  return account.from === "process" && !ssh && username !== "root" ? username : null;
}

type Values = ReturnType<typeof readArguments>["values"];

async function examine(cluster: ClusterConfig, values: Values): Promise<Finding[]> {
  const reach = reachAs(reachFor(cluster), "doctor");
  const place = { reach, dataDir: env().dataDir, sentinels: false };
  const stop = new AbortController();
  // Not once(): npm tells again what the terminal told, and what was begun must be put away.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop.abort());
  const { as = onlyAccount(cluster), partition, account } = values;
  const scheduler = schedulerFor(cluster, place);
  const exam = {
    cluster,
    reach,
    scheduler,
    as,
    partition,
    account,
    waitSeconds: Number(values.wait),
    signal: stop.signal,
  };
  const findings: Finding[] = [];
  for await (const finding of examineCluster(exam)) {
    findings.push(finding);
    if (!values.json) print(finding);
  }
  await reach.close();
  return findings;
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values["host-keys"]) {
    await printHostKeys(values["host-keys"]);
    return 0;
  }
  const [name] = positionals;
  if (!name || positionals.length > 1) return misuse("Name one cluster of portal.yaml.");
  if (!(Number(values.wait) > 0)) return misuse("--wait takes a number of seconds.");
  if (values.config) process.env.PORTAL_CONFIG = values.config;
  const findings = await examine(clusterConfig(name), values);
  const problems = findings.filter(({ verdict }) => verdict === "problem").length;
  const open = findings.filter(({ verdict }) => verdict === "unchecked").length;
  if (values.json) console.log(JSON.stringify({ cluster: name, ok: problems === 0, findings }, null, 2));
  else console.log(`\n${findings.length - problems - open} fine, ${problems} wrong, ${open} not checked.`);
  return problems === 0 ? 0 : 1;
}

// The log goes to standard output, which is the findings'.
process.env.LOG_LEVEL ||= "silent";
main().then(
  (code) => process.exit(code),
  (error: NodeJS.ErrnoException) => {
    console.error(isPortalError(error) || error.code === "ENOENT" ? sentenceOf(error) : error);
    process.exit(2);
  },
);
