import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testReach } from "@/lib/clusters/reach-contract";
import type { Reach } from "@/lib/clusters/run";
import { clusterSettings } from "./cluster-facts";
import { sshReach } from "./reach";

testReach("a login node, as alice (bash)", "alice", () => sshReach(clusterSettings(process.env)));
testReach("a login node, as tess (tcsh)", "tess", () => sshReach(clusterSettings(process.env)));
testReach("a login node, as paul (.bashrc prints)", "paul", () => sshReach(clusterSettings(process.env)));

describe("programs on a login node", () => {
  let reach: Reach;
  beforeAll(() => {
    reach = sshReach(clusterSettings(process.env));
  });
  afterAll(() => reach.close());

  it.each(["alice", "tess", "paul", "slow"])("run as %s and nobody else", async (user) => {
    const { code, stdout, stderr } = await reach.run(["id", "-un"], { user });
    expect({ code, out: Buffer.from(stdout).toString(), err: Buffer.from(stderr).toString() }).toEqual({
      code: 0,
      out: `${user}\n`,
      err: "",
    });
  });

  it("of a person whose .bashrc hangs fail with a sentence that says where to look", async () => {
    const impatient = sshReach(clusterSettings(process.env, { shellStartSeconds: 1 }));
    const failure = impatient.run(["sbatch", "--secret"], { user: "slow" });
    await expect(failure).rejects.toMatchObject({
      code: "cluster_timeout",
      message: expect.stringMatching(
        /^The login shell of slow on 127\.31\.[0-9.]+ did not start within 1 s: check its \.bashrc$/,
      ),
    });
    await impatient.close();
  });

  it.each(["root", "-oProxyCommand=id", "a b", "x@y", "../alice", ""])(
    "never run for an account called %j",
    async (user) => {
      await expect(reach.run(["id"], { user })).rejects.toMatchObject({ code: "forbidden" });
      await expect(reach.connect({ host: "127.0.0.1", port: 22 }, user)).rejects.toMatchObject({ code: "forbidden" });
    },
  );

  it("of an account that is not on the cluster are refused with a sentence that says why", async () => {
    await expect(reach.run(["id"], { user: "nobody-here" })).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringMatching(
        /refused nobody-here: certificate not trusted, or clocks differ; see docs\/operations.md$/,
      ),
    });
  });
});
