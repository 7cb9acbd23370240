// The contract's part on real files and programs: modes, whose directory, and the environment byte for byte.
import { expect, it } from "vitest";
import { type ContractEngine, eventually, seen, specFor, start } from "./contract-jobs";

const HOSTILE =
  "a b'\"\\ $(touch pwned) `id` \u0024{IFS} ;&|<>\n#SBATCH --output=elsewhere\n\ttab \u00e9\u{1f600} \u2028 end ";

/** Registers the tests. */
export function filesContract(engine: () => ContractEngine): void {
  it("gives the job exactly its environment, byte for byte, and nothing of the portal's", async () => {
    process.env.BERTH_CONTRACT_CANARY = "canary-of-the-caller";
    const environment = { BERTH_HOSTILE: HOSTILE, BERTH_EMPTY: "" };
    const { id, directory } = await start(engine(), "show-environment", { environment });
    await seen(engine(), id, ({ state }) => state === "ended");
    const entries = (await read(engine(), `${directory}/seen`)).split("\0");
    const names = new Map(
      entries.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
    );
    expect(names.get("BERTH_HOSTILE")).toBe(HOSTILE);
    expect(names.get("BERTH_EMPTY")).toBe("");
    expect(names.get("BERTH_JOB_DIR")).toBe(directory);
    expect(`${names.get("BERTH_UMASK")}\n`).toBe(await output(engine(), ["sh", "-c", "umask"]));
    expect(names.get("PWD")).toBe(directory);
    expect(names.get("HOME")).toMatch(/^\//);
    expect(names.get("PATH")).toContain("/bin");
    expect(entries.join("\0")).not.toContain("canary-of-the-caller");
    expect(await listing(engine(), directory)).not.toContain("pwned");
    expect(await listing(engine(), directory)).not.toContain("elsewhere");
  });

  it("keeps the directory and everything in it to its owner", async () => {
    const { id, directory } = await start(engine(), "exit-0", { environment: { BERTH_SECRET: "x" } });
    await seen(engine(), id, ({ state }) => state === "ended");
    expect(await output(engine(), ["stat", "-c", "%U %a", directory])).toBe(`${engine().owner} 700\n`);
    const modes = await output(engine(), ["find", directory, "-type", "f", "-printf", "%f %m\n"]);
    expect(modes).toContain("script.sh 600\n");
    expect(modes).toContain("environment 600\n");
    expect(modes).toContain("log 600\n");
    expect(
      modes
        .trim()
        .split("\n")
        .every((line) => line.endsWith(" 600")),
    ).toBe(true);
  });

  it("refuses a directory that belongs to somebody else", async () => {
    const foreign = await files(engine()).foreignDirectory();
    const spec = specFor(engine(), "exit-0", { directory: foreign });
    expect(await engine().scheduler.submit(spec)).toMatchObject({ outcome: "rejected" });
    expect(await engine().scheduler.find(spec.owner, spec.tag)).toBeNull();
  });

  it("writes what the job prints into the log beside it", async () => {
    const script = new TextEncoder().encode("#!/bin/sh\necho out\necho err >&2\n");
    const { id, directory } = await start(engine(), "exit-0", { files: [{ name: "script.sh", content: script }] });
    await seen(engine(), id, ({ state }) => state === "ended");
    const log = await eventually(engine(), () => read(engine(), `${directory}/log`));
    expect(log.split("\n")).toEqual(expect.arrayContaining(["out", "err"]));
  });
}

function files(engine: ContractEngine) {
  if (!engine.files) throw new Error("an engine with files: true must provide `files`");
  return engine.files;
}

async function output(engine: ContractEngine, argv: string[]): Promise<string> {
  const result = await files(engine).run(argv, { user: engine.owner });
  if (result.code !== 0) throw new Error(new TextDecoder().decode(result.stderr));
  return new TextDecoder().decode(result.stdout);
}

const read = (engine: ContractEngine, path: string) => output(engine, ["cat", path]);
const listing = (engine: ContractEngine, directory: string) => output(engine, ["ls", "-a", directory]);
