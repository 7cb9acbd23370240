import { describe, expect, it } from "vitest";
import type { SlurmCommands } from "./commands";
import { history } from "./history";

/** sacct's answer with one job in `state`, and an `id` that knows 1003 only. */
function commandsOf(state: string, end = "30"): SlurmCommands {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const named = ["7", "alice", "1001", state, "0:0", "cpu", "normal", "10", "20", end, "60"];
  const row = [...named, "5", "", "cpu1", "None", "research", "berth-abcdefghij012345", "0:0"];
  return {
    poller: "poller",
    argv: (program, args) => [program, ...args],
    ask: async (_program, args) => `${row.join(args.find((arg) => arg.startsWith("--delimiter="))?.slice(12))}\n`,
    run: async (argv) =>
      argv.at(-1) === "1003"
        ? { code: 0, stdout: bytes("olga\n"), stderr: bytes("") }
        : { code: 1, stdout: bytes(""), stderr: bytes("no such user") },
  };
}

describe("who cancelled a job", () => {
  it.each([
    [1001, "alice"],
    [0, "root"],
    [1003, "olga"],
    [1004, "The account with uid 1004"],
  ])("uid %i is told as %s", async (uid, expected) => {
    const [job] = await history(commandsOf(`CANCELLED by ${uid}`), { owner: "alice", since: new Date(0) });
    expect(job?.cancelledBy).toBe(expected);
  });
});

it.each(["FAILED", "CANCELLED"])("a job is not over before accounting has written its end: %s", async (state) => {
  const asked = { owner: "alice", since: new Date(0) };
  expect(await history(commandsOf(state, "Unknown"), asked)).toMatchObject([{ state: "completing", end: null }]);
  expect(await history(commandsOf(state), asked)).toMatchObject([{ state: "ended" }]);
});
