import { describe, expect, it } from "vitest";
import { judgeAnswers } from "@/lib/clusters/examine-answers";
import { parseConfig } from "@/lib/config";

const portal = parseConfig(`
url: https://berth.example.org
appsHosts: "*.apps.example.org"
signIn: { issuer: https://sso.example.org, clientId: berth }
clusters:
  - name: hpc
    scheduler: slurm
    account: { from: process }
    nodeNetworks: [10.0.0.0/8]
    scratchPath: /scratch
    modules: { init: /etc/profile.d/modules.sh }
`);
// parseConfig demands at least one cluster.
const cluster = portal.clusters[0] as (typeof portal.clusters)[number];
const expected = { token: "t", odd: "a\nb", directory: "/home/alice/x", cluster };
const good = {
  ...{ node: "cpu1", token: "t", odd: "a\nb", caller: "", bash: "5.2.15(1)-release", missing: "", python: "3.11.2" },
  ...{ modules: "0 3 gcc/12", scratch: "0 " },
};
const wrong = (change: Partial<typeof good>, changed = expected) =>
  judgeAnswers(new Map(Object.entries({ ...good, ...change })), changed).filter(({ verdict }) => verdict !== "ok");

describe("what a job saw on its node", () => {
  it("is fine when everything is", () => expect(wrong({})).toEqual([]));
  it("is fine with the python3 of RHEL 8", () => expect(wrong({ python: "3.6.8" })).toEqual([]));

  it.each([
    ["session path from a compute node", { token: "other" }],
    ["--export-file", { odd: "a b" }],
    ["--export-file", { caller: "10.1.2.3 4711 10.1.2.4 22" }],
    ["bash on compute nodes", { bash: "4.2.46(2)-release" }],
    ["bash on compute nodes", { missing: " setsid" }],
    ["python3 on compute nodes", { python: "3.5.10" }],
    ["python3 on compute nodes", { python: "bash: line 1: python3: command not found" }],
    ["modules", { modules: "1 1 cannot read /etc/profile.d/modules.sh" }],
    ["modules", { modules: "0 0 " }],
    ["scratch", { scratch: "1 mkdir: cannot create directory: Permission denied" }],
  ])("names %s as the problem for %o", (check, change) => {
    expect(wrong(change)).toMatchObject([{ check, verdict: "problem", todo: expect.stringMatching(/\w/) }]);
  });

  it("does not judge what is not configured", () => {
    const without = { ...expected, cluster: { ...cluster, modules: undefined, scratchPath: undefined } };
    expect(wrong({ modules: "", scratch: "" }, without).map(({ verdict }) => verdict)).toEqual([
      "unchecked",
      "unchecked",
    ]);
  });
});
