import { expect, it } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, useFakeCluster } from "@/dev/test-sessions";
import { cluster } from "@/lib/clusters/cluster";
import { listModules } from "@/lib/clusters/list-modules";
import { clusterConfig } from "@/lib/config";

useDatabase();
useFakeCluster();

it("lists what the person's shell can load, and hears no more of it than any site has", async () => {
  const ann = await person("ann");
  clusterConfig("hpc").modules = { init: "/etc/profile.d/modules.sh" };
  const { reach } = cluster("hpc");
  const { run } = reach;
  let heard = Number.POSITIVE_INFINITY;
  reach.run = async (argv, options) => {
    if (argv[0] !== "/bin/bash") return run(argv, options);
    heard = options.maxBytes ?? heard;
    const stdout = new TextEncoder().encode("/apps/modules:\ngcc/\ngcc/13.2(default)\npython/3.12\n");
    return { code: 0, stdout, stderr: new Uint8Array() };
  };
  expect((await listModules(ann, "hpc", "GCC")).items).toEqual(["gcc/13.2"]);
  expect(heard).toBeLessThanOrEqual(2 * 2 ** 20);
});
