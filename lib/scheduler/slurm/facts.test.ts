// Nodes that scontrol does not list: those of partitions for other groups, and a cloud's while they are powered down.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { slurmCommands } from "./commands";
import { facts, readFacts } from "./facts";

const recorded = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", "22.05", name), "utf8");
const none = { code: 0, stdout: new Uint8Array(), stderr: new Uint8Array() };

it("nodes of a partition that is hidden, or for groups that the poller is in none of, are known", async () => {
  const all = recorded("partitions.txt").replace("=gpu AllowGroups=ALL", "=gpu AllowGroups=bio");
  const answers = (argv: string[]): string => {
    const everything = argv.includes("-a");
    if (argv.at(-1) === "partition") return everything ? all : all.replace(/^PartitionName=gpu.*\n/m, "");
    // slurmctld leaves out a node all of whose partitions are hidden from who asks.
    if (argv.at(-1) === "node") return recorded("nodes.txt").replace(everything ? /$^/ : /^NodeName=c9gpu1.*\n/m, "");
    return "";
  };
  const run = async (argv: string[]) => ({ ...none, stdout: new TextEncoder().encode(answers(argv)) });
  const known = { accounting: false, config: async () => recorded("config.txt"), states: "" };
  const { partitions, nodes } = await facts(slurmCommands({ run, poller: "berth-poll" }), known);
  expect(nodes.find(({ name }) => name === "c9gpu1")?.address).toBe("127.31.9.13");
  expect(partitions.find(({ name }) => name === "gpu")).toMatchObject({ hidden: true, up: true, cpusPerNode: 16 });
});

it("nodes of a cloud that are powered down are there: Slurm starts them when a job wants them", () => {
  const all = recorded("partitions.txt");
  const given = { config: "", partitions: { all, listed: all }, states: "" };
  const asleep = readFacts({ ...given, nodes: "" }, true);
  expect(asleep.nodes).toEqual([]);
  expect(asleep.partitions[0]).toMatchObject({ up: true, cpusTotal: 32, cpusPerNode: 16, memoryMiBPerNode: 65_536 });
  expect(asleep.partitions[1]).toMatchObject({ gpus: [{ type: "a100", total: 4, free: 4, perNode: 4 }] });
  expect(asleep.partitions.find(({ name }) => name === "closed")?.up).toBe(false);
  const one = recorded("nodes.txt").replace(/^NodeName=c9cpu2.*\n/m, "");
  const some = readFacts({ ...given, nodes: one }, true).partitions[0];
  expect(some).toMatchObject({ up: true, cpusTotal: 32, cpusPerNode: 16 });
});
