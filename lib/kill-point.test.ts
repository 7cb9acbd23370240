import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";

const program = `
  const { killPoint } = await import("./lib/kill-point.ts");
  for (let count = 1; count <= 3; count += 1) { killPoint("after-intent"); console.log(count); }
`;

async function run(wish: string | undefined, preload: string[] = ["--import", "./dev/kill-at.mjs"]) {
  const env = { ...process.env, ...(wish ? { PORTAL_KILL_AT: wish } : {}) };
  const child = spawn(process.execPath, [...preload, "--input-type=module", "-e", program], { env });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const [, signal] = await once(child, "close");
  return { printed: printed.trim().split("\n").filter(Boolean).length, signal };
}

describe("a kill point", () => {
  it("kills at its name, the first time or the time asked for", async () => {
    expect(await run("after-intent")).toEqual({ printed: 0, signal: "SIGKILL" });
    expect(await run("after-intent:3")).toEqual({ printed: 2, signal: "SIGKILL" });
  });

  it("does nothing for another name, without a wish, or without the preload", async () => {
    expect(await run("after-submit")).toEqual({ printed: 3, signal: null });
    expect(await run(undefined)).toEqual({ printed: 3, signal: null });
    expect(await run("after-intent", [])).toEqual({ printed: 3, signal: null });
  });
});
