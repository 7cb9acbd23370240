// npm run bench [-- --only NAME[,NAME]] [--rounds N] [--port P]: measures the portal beside its peers, in one run and round
// by round, and writes bench/results/latest.json and, when that has every benchmark, the table of docs/performance.md.
// Needs root on Debian.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { click } from "@/bench/click";
import { coldStart } from "@/bench/cold-start";
import type { Bench } from "@/bench/context";
import { crowd } from "@/bench/crowd";
import { files } from "@/bench/files";
import { gateway } from "@/bench/gateway";
import { load } from "@/bench/measure";
import { memory } from "@/bench/memory";
import { pages } from "@/bench/pages";
import { versions } from "@/bench/peers";
import { type Report, type Setting, verdictLine, writeJson, writeTable } from "@/bench/report";
import { rpcs } from "@/bench/rpcs";
import { startBenchSite } from "@/bench/site";
import { submit } from "@/bench/submit";
import { terminal } from "@/bench/terminal";
import { webSocket } from "@/bench/web-socket";
import { onInterrupt, stopStarted, stopWhenInterrupted } from "./test/interrupt";

const benches: Record<string, Bench> = {
  submit,
  click,
  gateway,
  "web-socket": webSocket,
  terminal,
  files,
  rpcs,
  memory,
  "cold-start": coldStart,
  pages,
  crowd,
};
const resultsFile = "bench/results/latest.json";
const documentFile = "docs/performance.md";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    port: { type: "string", default: process.env.BERTH_BENCH_PORT ?? "3400" },
  },
});
const rounds = Number(values.rounds);
const port = Number(values.port);
const names = values.only?.split(",") ?? Object.keys(benches);
const unknown = names.filter((name) => !benches[name]);
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(port)) {
  console.error(`Usage: npm run bench [-- --only ${Object.keys(benches).join(",")}] [--rounds N] [--port P]`);
  process.exit(2);
}

/** Of benchmarks that this run leaves out, the last figures stay. */
function earlier(): Report {
  if (!existsSync(resultsFile)) return {};
  // We wrote it, or an earlier version that had one setting for all benchmarks: of those nobody knows it.
  const found = JSON.parse(readFileSync(resultsFile, "utf8")) as Report | { benches: unknown };
  return "benches" in found ? {} : found;
}

/** Of the portal's sources; what is not committed is told by "-dirty". */
const commit = (): string => {
  const { stdout } = spawnSync("git", ["describe", "--always", "--dirty", "--exclude=*"], { encoding: "utf8" });
  return stdout?.trim() || "unknown";
};

stopWhenInterrupted();
const site = await startBenchSite(port);
onInterrupt(site.stop);
const setting: Setting = {
  commit: commit(),
  machine: {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    "memory in GiB": Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  },
  versions: versions(`${site.clusterDir}/etc/slurm.conf`),
};
const report = earlier();
console.log(
  [["commit", setting.commit], ...Object.entries({ ...setting.machine, ...setting.versions })]
    .map((entry) => entry.join(" "))
    .join(", "),
);
let isEveryGoalMet = true;
try {
  for (const name of names) {
    const bench = benches[name];
    if (!bench) continue;
    console.log(`• ${name}, load ${load().toFixed(1)}`);
    const before = load();
    const verdicts = await bench({ site, port, rounds });
    report[name] = { ...setting, at: new Date().toISOString(), rounds, load: [before, load()], verdicts };
    for (const verdict of verdicts) console.log(`  ${verdictLine(verdict)}`);
    writeJson(resultsFile, report);
    isEveryGoalMet &&= verdicts.every(({ isMet }) => isMet !== false);
  }
} finally {
  // The site, and the peers of a benchmark that ended by an error.
  await stopStarted();
}
const missing = Object.keys(benches).filter((name) => !report[name]);
if (missing.length === 0) writeTable(documentFile, report);
else console.log(`${documentFile} is left as it is: ${missing.join(", ")} were not measured here yet.`);
console.log(isEveryGoalMet ? "Every goal is met." : "Goals were missed: docs/performance.md says why.");
process.exit(0);
