import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetOnce } from "@/dev/forget-once";
import { useDatabase } from "@/dev/test-database";
import { person, useFakeCluster } from "@/dev/test-sessions";
import { cluster } from "@/lib/clusters/cluster";
import { listModules } from "@/lib/clusters/list-modules";
import { clusterConfig } from "@/lib/config";
import { endpoints } from "@/lib/endpoints";

useDatabase();
useFakeCluster();

let restore = () => {};
afterEach(() => restore());
beforeEach(() => {
  forgetOnce("cluster-modules");
  const { reach } = cluster("hpc");
  const { run } = reach;
  restore = () => void Object.assign(reach, { run });
  clusterConfig("hpc").modules = { init: "/etc/profile.d/modules.sh" };
});

/** The most that was to be heard of the last list. */
let heard = Number.POSITIVE_INFINITY;

/** What `module -t avail` prints there from now on. */
function offers(...lines: string[]): void {
  const { reach } = cluster("hpc");
  const { run } = reach;
  const stdout = Buffer.from(`${lines.join("\n")}\n`);
  reach.run = async (argv, options) => {
    if (argv[0] !== "/bin/bash") return run(argv, options);
    heard = options.maxBytes ?? Number.POSITIVE_INFINITY;
    return { code: 0, stdout, stderr: Buffer.alloc(0) };
  };
}

const many = Array.from({ length: 1201 }, (_, number) => `tool-${String(number).padStart(4, "0")}/1.0+gcc`);

describe("the modules of a cluster", () => {
  it("are listed page by page, as far as they go", async () => {
    offers(...many.toReversed());
    const amy = await person("amy");
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      // What an answer names as the next page may be asked for in the address.
      expect(endpoints.modules.query?.safeParse({ cursor }).success).toBe(true);
      const { items, nextCursor } = await listModules(amy, "hpc", { cursor, limit: 500 });
      seen.push(...items);
      sizes.push(items.length);
      cursor = nextCursor ?? undefined;
    } while (cursor);
    expect([seen, sizes]).toEqual([many, [500, 500, 201]]);
  });

  it("are heard no longer than any site's list is: the shell that tells them is the person's own", async () => {
    offers("gcc/12");
    await listModules(await person("amy"), "hpc", { limit: 1 });
    expect(heard).toBeLessThanOrEqual(2 * 2 ** 20);
  });

  it("are searched in all of them, and end where nothing more fits", async () => {
    offers(...many);
    const found = await listModules(await person("amy"), "hpc", { search: "TOOL-120", limit: 1 });
    expect(found).toEqual({ items: ["tool-1200/1.0+gcc"], nextCursor: null });
  });

  it("are names of one letter, too, and of those alone that a launch may ask for", async () => {
    offers("/opt/modules:", "R", "R/4.3.1(default)", "gcc/", "gcc/12", "odd*", "Where:");
    expect((await listModules(await person("amy"), "hpc", { limit: 500 })).items).toEqual(["R", "R/4.3.1", "gcc/12"]);
  });

  it("have what is told behind them taken off: symbolic versions, aliases, tags; what is no line of a list costs nothing", async () => {
    offers("gcc/12(latest)", "gcc/13(default:new)", "R/4.3 <L>", "mpi(@)", `x${" ".repeat(1_000_000)}x`);
    const startedAt = performance.now();
    const { items } = await listModules(await person("amy"), "hpc", { limit: 500 });
    expect(items).toEqual(["R/4.3", "gcc/12", "gcc/13", "mpi"]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
