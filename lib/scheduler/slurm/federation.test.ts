// What Berth does of a federation of clusters: it asks its own one alone, and says that the rest is not supported.
import { expect, it } from "vitest";
import { slurm } from "./slurm";

/** A scheduler whose commands all answer `stdout`, and their arguments from the program's name on. */
function over(stdout: string) {
  const asked: string[][] = [];
  const run = async (argv: string[]) => {
    asked.push(argv.slice(argv.findIndex((word) => /^(squeue|sacct|sacctmgr|scontrol)$/.test(word))));
    return { code: 0, stdout: new TextEncoder().encode(stdout), stderr: new Uint8Array() };
  };
  return { asked, scheduler: slurm({ run, poller: "berth-poll", accounting: true }) };
}

it("asks of this cluster alone, whatever FederationParameters=fed_display makes the default", async () => {
  const { asked, scheduler } = over("");
  const since = new Date(0);
  await scheduler.jobs({});
  await scheduler.find("alice", "berth-a000000000000001");
  await scheduler.history({ owner: "alice", ids: ["7"], since });
  await scheduler.facts();
  const questions = asked.filter(([program]) => program !== "sacctmgr");
  expect(new Set(questions.map(([program]) => program))).toEqual(new Set(["squeue", "sacct", "scontrol"]));
  expect(questions.filter(([, first]) => first !== "--local")).toEqual([]);
});

it("names the federation that the cluster is in", async () => {
  const member = "Federation: fedx\nSelf:       hpc:127.0.0.1:6817 ID:1 FedState:ACTIVE Features:\n";
  expect(await over(member).scheduler.federation?.()).toBe("fedx");
  expect(await over("").scheduler.federation?.()).toBeNull();
});
