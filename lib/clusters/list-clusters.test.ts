import { afterEach, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { person, request, useFakeCluster } from "@/dev/test-sessions";
import { cluster } from "@/lib/clusters/cluster";
import { listClusters } from "@/lib/clusters/list-clusters";
import { listModules } from "@/lib/clusters/list-modules";
import { PortalError } from "@/lib/errors";
import { createSession } from "@/lib/sessions/create-session";
import { previewSession } from "@/lib/sessions/preview-session";

useDatabase();
useFakeCluster();
afterEach(() => void vi.useRealTimers());

it("is no cluster for whom its login nodes do not let in: it says so, and looking is not trying", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const zoe = await person("zoe");
  const { reach } = cluster("hpc");
  const { run } = reach;
  let tries = 0;
  reach.run = async (argv, options) => {
    if (options.user !== "zoe") return run(argv, options);
    tries += 1;
    throw new PortalError("cluster", "Login node login1 refused zoe.", { accountRefused: true });
  };
  for (let looks = 0; looks < 10; looks += 1) {
    const { items } = await listClusters(zoe);
    const words = expect.stringContaining("do not let the account zoe in");
    expect(items[0]?.me).toMatchObject({ admitted: false, account: null, words });
    await expect(previewSession(zoe, request(), true)).rejects.toMatchObject({ code: "denied" });
    await expect(listModules(zoe, "hpc", { limit: 500 })).rejects.toMatchObject({ code: "denied" });
  }
  expect(tries).toBe(1);
  for (const seconds of [5, 10]) {
    vi.advanceTimersByTime(seconds * 1000);
    await listClusters(zoe);
  }
  expect(tries).toBe(3);
  // By now looking does not try for 20 s.
  vi.advanceTimersByTime(9000);
  await expect(createSession(zoe, request(), "early")).rejects.toMatchObject({ code: "denied" });
  await listClusters(zoe, true);
  expect(tries).toBe(3);
  vi.advanceTimersByTime(1000);
  await listClusters(zoe);
  expect(tries).toBe(3);
  await expect(createSession(zoe, request(), "again")).rejects.toMatchObject({ code: "denied" });
  expect(tries).toBe(4);
  reach.run = run;
  vi.advanceTimersByTime(10_000);
  expect((await listClusters(zoe, true)).items[0]?.me).toMatchObject({ admitted: true, account: "zoe" });
});
