import { describe, expect, it } from "vitest";
import { type Circumstances, judge } from "@/lib/policy/rules";
import type { ResourceRequest } from "@/lib/sessions/schema";
import { templateManifest } from "@/lib/templates/schema";

const manifest = templateManifest.parse({
  name: "jupyter",
  title: "Jupyter",
  summary: "s",
  version: "1",
  auth: "app",
  software: ["host", "modules"],
  resources: {
    cpus: { default: 1, max: 8 },
    memoryGiB: { default: 2, min: 0.5, max: 64 },
    minutes: { default: 60, max: 600 },
  },
  parameters: [{ name: "folder", label: "Folder", kind: "path", required: true }],
});
const partition = {
  name: "gpu",
  up: true,
  isDefault: true,
  hidden: false,
  maxMinutes: 120,
  defaultMinutes: 60,
  maxNodes: null,
  cpusTotal: 32,
  cpusFree: 4,
  cpusPerNode: 6,
  memoryMiBPerNode: 32 * 1024,
  gpus: [{ type: "a100", total: 4, free: 1, perNode: 4 }],
  features: [],
  allowAccounts: [],
  allowQos: [],
  qos: null as string | null,
};
const access = {
  ...{ admitted: true, words: null, accounts: ["research"], defaultAccount: "research", qos: ["normal", "short"] },
  defaultQos: [{ account: "research", qos: "normal" }],
  walltimes: [{ of: "qos" as const, name: "short", minutes: 30 }],
};
const none = { max: null, source: "" };
const given: Circumstances = {
  template: manifest,
  available: { available: true, missing: null, hint: null },
  cluster: { name: "hpc", kind: "slurm", partitions: [partition], modules: true, scratch: true, maxScratchGiB: 100 },
  access,
  limits: { sessions: none, cpus: none, memoryGiB: none, gpus: none, minutes: none },
  use: { sessions: 1, cpus: 2, memoryGiB: 4, gpus: 1 },
};
const request: ResourceRequest = {
  template: "jupyter",
  cluster: "hpc",
  cpus: 2,
  memoryGiB: 4,
  minutes: 60,
  parameters: { folder: "~/x" },
};
const reasons = (change: Partial<ResourceRequest>, other: Partial<Circumstances> = {}) =>
  judge({ ...request, ...change }, { ...given, ...other }).reasons;

describe("judge", () => {
  it("allows what fits", () => {
    expect(judge(request, given)).toEqual({ allowed: true, reasons: [] });
  });
  it("leaves out a partition's longest time for a QOS that goes beyond it, also where that is the default", () => {
    const beyond = { ...access, qosBeyondPartition: ["short", "long"], qos: ["normal", "long"], walltimes: [] };
    expect(reasons({ minutes: 130 }, { access: beyond })).toMatchObject([{ field: "minutes", fix: { value: 120 } }]);
    expect(reasons({ minutes: 130, qos: "long" }, { access: beyond })).toEqual([]);
    const byDefault = { ...beyond, defaultQos: [{ account: "research", qos: "long" }] };
    expect(reasons({ minutes: 130 }, { access: byDefault })).toEqual([]);
  });
  it("adds tenths of memory as people do", () => {
    const limits = { ...given.limits, memoryGiB: { max: 3, source: "limit for everyone" } };
    const two = { ...given.use, memoryGiB: 0.2 + 2.2 };
    expect(reasons({ memoryGiB: 0.6 }, { limits, use: two })).toEqual([]);
    const fix = { label: "Use 0.6 GiB", value: 0.6 };
    expect(reasons({ memoryGiB: 0.8 }, { limits, use: two })).toMatchObject([{ field: "memoryGiB", fix }]);
  });
  it.each([
    [{ cpus: 7 }, "cpus", 6],
    [{ cpus: 9 }, "cpus", 8],
    [{ memoryGiB: 33 }, "memoryGiB", 32],
    [{ memoryGiB: 0.2 }, "memoryGiB", 0.5],
    [{ minutes: 121 }, "minutes", 120],
    [{ gpus: 5 }, "gpus", 4],
    [{ scratchGiB: 101 }, "scratchGiB", 100],
  ])("denies %o at its field, with what would fit", (change, field, value) => {
    expect(reasons(change)[0]).toMatchObject({ field, fix: { value } });
  });
  it.each([
    [{ partition: "nope" }, "partition"],
    [{ gpus: 1, gpuType: "h100" }, "gpus"],
    [{ gpuType: "a100" }, "gpus"],
    [{ account: "physics" }, "account"],
    [{ qos: "long" }, "qos"],
    [{ nodes: 2 }, "nodes"],
    [{ software: { kind: "image", image: "x" } as const }, "software"],
    [{ parameters: {} }, "parameters.folder"],
    [{ parameters: { folder: "relative" } }, "parameters.folder"],
    [{ parameters: { folder: "/x", extra: 1 } }, "parameters.extra"],
  ])("denies %o at its field", (change, field) => {
    expect(reasons(change).map((reason) => reason.field)).toContain(field);
  });
  it("denies a partition that does not admit the QOS, the account's default too, and offers one of mine that it does", () => {
    const cluster = { ...given.cluster, partitions: [{ ...partition, allowQos: ["short"] }] };
    const denied = [{ field: "qos", fix: { label: "Use QOS short", value: "short" } }];
    expect(reasons({}, { cluster })).toMatchObject(denied);
    expect(reasons({ qos: "normal" }, { cluster })).toMatchObject(denied);
    expect(reasons({ qos: "short", minutes: 10 }, { cluster })).toEqual([]);
  });
  it("denies a partition that does not admit the account, and offers one of mine that it does", () => {
    const restricted = { ...given.cluster, partitions: [{ ...partition, allowAccounts: ["genomics"] }] };
    expect(reasons({}, { cluster: restricted })).toMatchObject([{ field: "partition", fix: null }]);
    const both = { ...access, accounts: ["research", "genomics"] };
    expect(reasons({}, { cluster: restricted, access: both })).toMatchObject([
      { field: "account", fix: { value: "genomics" } },
    ]);
    expect(reasons({ account: "genomics" }, { cluster: restricted, access: both })).toEqual([]);
    expect(reasons({ account: "Genomics" }, { cluster: restricted, access: both })).toEqual([]);
  });
  it("denies more time than the QOS allows, and offers what it does", () => {
    expect(reasons({ qos: "short" })).toEqual([
      {
        field: "minutes",
        message: "QOS short runs jobs for at most 30 min.",
        fix: { label: "Use 30 min", value: 30 },
      },
    ]);
    expect(reasons({ qos: "short", minutes: 30 })).toEqual([]);
    expect(reasons({})).toEqual([]);
  });
  it("denies more time than the account allows when the QOS says nothing, and goes by the partition's QOS first", () => {
    const walltimes = [{ of: "account" as const, name: "research", minutes: 20 }, ...access.walltimes];
    expect(reasons({}, { access: { ...access, walltimes } })).toMatchObject([
      { message: "Account research runs jobs for at most 20 min.", fix: { value: 20 } },
    ]);
    expect(reasons({ qos: "short", minutes: 25 }, { access: { ...access, walltimes } })).toEqual([]);
    const cluster = { ...given.cluster, partitions: [{ ...partition, qos: "short" }] };
    expect(reasons({ qos: "normal" }, { cluster })).toMatchObject([{ field: "minutes", fix: { value: 30 } }]);
    const over = { of: "qos" as const, name: "long", minutes: 600, isFirst: true };
    const mine = { ...access, qos: ["normal", "long"], walltimes: [...access.walltimes, over] };
    expect(reasons({ qos: "long" }, { cluster, access: mine })).toEqual([]);
  });
  it.each([
    ["cpus", { cpus: 1 }, 2],
    ["minutes", { minutes: 10 }, 15],
  ] as const)("denies fewer %s than the template needs", (field, change, min) => {
    const resources = { ...manifest.resources, [field]: { ...manifest.resources[field], min } };
    expect(reasons(change, { template: { ...manifest, resources } })).toMatchObject([{ field, fix: { value: min } }]);
  });
  it("says what is missing on the cluster and what to do", () => {
    const available = { available: false, missing: "jupyter not found", hint: "Install it." };
    expect(reasons({}, { available })[0]?.message).toBe("Not available on hpc: jupyter not found. Install it.");
  });
  it("counts what is in use against limits and offers what is left", () => {
    const limits = { ...given.limits, gpus: { max: 2, source: "limit for everyone" } };
    expect(reasons({ gpus: 2 }, { limits })).toEqual([
      {
        field: "gpus",
        message: "You have 1 GPU of 2 GPUs in use (limit for everyone): at most 1 GPU more.",
        fix: { label: "Use 1 GPU", value: 1 },
      },
    ]);
    expect(reasons({ gpus: 1 }, { limits })).toEqual([]);
  });
  it("denies one session more than allowed", () => {
    const limits = { ...given.limits, sessions: { max: 1, source: "limit for everyone" } };
    expect(reasons({}, { limits })).toMatchObject([{ field: "quota", fix: null }]);
  });
  it("denies nothing for the sake of a scheduler that has not answered", () => {
    expect(
      reasons({ partition: "gpu", account: "any" }, { access: null, cluster: { ...given.cluster, partitions: [] } }),
    ).toEqual([]);
  });
});
