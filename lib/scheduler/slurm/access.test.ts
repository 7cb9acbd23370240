import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everyonesAccess, readAccess } from "./access";
import { slurmCommands } from "./commands";
import { parseConfig } from "./records";

const recorded = (name: string) => readFileSync(join(import.meta.dirname, "fixtures/22.05", name), "utf8");

describe("access", () => {
  const config = recorded("config.txt").replace(/ClusterName .*/, "ClusterName             = berth9");
  const settings = parseConfig(config);
  const access = (owner: string, text = recorded(`access-${owner}.txt`), given = settings) =>
    readAccess(text, { owner, settings: given, qos: recorded("qos.txt") });

  it("lists accounts, the default one and QOS", () => {
    expect(access("alice")).toEqual({
      accounts: ["genomics", "research"],
      defaultAccount: "research",
      qos: ["normal", "scavenge", "short"],
      defaultQos: [
        { account: "genomics", qos: "normal" },
        { account: "research", qos: "normal" },
      ],
      walltimes: [{ of: "qos", name: "short", minutes: 30 }],
      admitted: true,
      words: null,
    });
  });
  it("knows the walltime of an association, and none where Slurm does not enforce limits", () => {
    const line = "alice|research|berth9|research|normal|normal|1-00:00:00\n";
    expect(access("alice", line).walltimes).toContainEqual({ of: "account", name: "research", minutes: 1440 });
    const lax = new Map([...settings, ["AccountingStorageEnforce", "associations"]]);
    expect(access("alice", line, lax).walltimes).toEqual([]);
  });
  it("takes the limit of one partition's association for no limit of the account", () => {
    const rows = (...limits: string[]) => limits.map((limit) => `alice|r|berth9|r|normal|normal|${limit}\n`).join("");
    const limitsOf = (...limits: string[]) =>
      access("alice", rows(...limits)).walltimes.filter(({ of }) => of === "account");
    expect(limitsOf("", "00:30:00")).toEqual([]);
    expect(limitsOf("00:30:00", "01:00:00").map(({ minutes }) => minutes)).toEqual([30, 60]);
  });
  it("knows which QOS comes before that of a partition", () => {
    const line = "alice|a|berth9|a|normal,long|normal|\n";
    const qos = "normal||\nlong|7-00:00:00|DenyOnLimit,OverPartQOS\n";
    const { walltimes } = readAccess(line, { owner: "alice", settings, qos });
    expect(walltimes).toEqual([{ of: "qos", name: "long", minutes: 10_080, isFirst: true }]);
  });
  it("knows which QOS may be longer than a partition allows", () => {
    const line = "alice|a|berth9|a|normal,long|normal|\n";
    const qos = "normal||\nlong||DenyOnLimit,PartitionTimeLimit\n";
    const enforced = (enforce: string) => new Map([...settings, ["AccountingStorageEnforce", enforce]]);
    const read = (enforce: string) => readAccess(line, { owner: "alice", settings: enforced(enforce), qos });
    expect(read("associations,limits,qos").qosBeyondPartition).toEqual(["long"]);
    expect(read("associations,qos").qosBeyondPartition).toEqual(["long"]);
    expect(access("alice").qosBeyondPartition).toBeUndefined();
  });
  it("takes normal for the QOS of an association that names none, where it may be used", () => {
    expect(access("alice", "alice|a|berth9|a|normal,short||\n").defaultQos).toEqual([{ account: "a", qos: "normal" }]);
    expect(access("alice", "alice|a|berth9|a|long,short||\n").defaultQos).toEqual([]);
  });
  it("does not admit somebody without an association where one is demanded", () => {
    expect(access("nora")).toMatchObject({ admitted: false, words: expect.stringContaining("nora") });
  });
  it("admits everybody where none is demanded", () => {
    const lax = new Map([...settings, ["AccountingStorageEnforce", "none"]]);
    expect(access("nora", "", lax)).toMatchObject({ admitted: true, accounts: [] });
  });
  it("of everybody at once is of each what asking about them alone says", async () => {
    const run = async (argv: string[]) => ({
      code: 0,
      stdout: Buffer.from(argv.includes("qos") ? recorded("qos.txt") : recorded("access-alice.txt")),
      stderr: Buffer.from(""),
    });
    const commands = slurmCommands({ run, poller: "poller" });
    const read = await everyonesAccess(commands, { accounting: true, config: async () => config });
    for (const owner of ["alice", "nora"]) expect(read(owner)).toEqual(access(owner));
  });
  it("ignores associations with another cluster", () => {
    expect(access("alice", "alice|x|elsewhere|x|normal|normal\n")).toMatchObject({ admitted: false });
  });
});
