import { describe, expect, it } from "vitest";
import {
  type Composed,
  emptyNumbers,
  fromSearch,
  requestSearch,
  toRequest,
  toSearch,
} from "@/components/requests/url-state";
import { resourceRequest } from "@/lib/sessions/schema";

const fallback: Composed = {
  name: "",
  cluster: "hpc",
  partition: "cpu",
  account: "",
  qos: "",
  reservation: "",
  constraint: "",
  workdir: "",
  nodes: 1,
  cpus: 1,
  memoryGiB: 2,
  gpus: 0,
  gpuType: "",
  scratchGiB: Number.NaN,
  minutes: 60,
  software: "host",
  modules: [],
  image: "",
  parameters: { folder: "", port: 8080, fresh: false },
};

const composed: Composed = {
  ...fallback,
  name: "chr7 & chr8, 50 %",
  account: "genomics",
  constraint: "avx512&ib",
  workdir: "~/my data",
  cpus: 4,
  memoryGiB: 0.5,
  gpus: 2,
  gpuType: "a100",
  scratchGiB: 20,
  minutes: 90,
  software: "modules",
  modules: ["python/3.12", "cuda/12.6"],
  parameters: { folder: "/data/x=y?z#1", port: 9000, fresh: true },
};

const there = (value: Composed) => new URLSearchParams(toSearch(value).toString());

describe("a composed request in the address", () => {
  it("comes back as it was, whatever characters it holds", () => {
    expect(fromSearch(there(composed), fallback)).toEqual(composed);
  });

  it("comes back as it was when nothing was changed", () => {
    expect(fromSearch(there(fallback), fallback)).toEqual(fallback);
  });

  it("takes the defaults where the link says nothing, or nothing readable", () => {
    const search = new URLSearchParams("cpus=many&memoryGiB=&minutes=Infinity&software=magic&unknown=1&p.unknown=1");
    expect(fromSearch(search, fallback)).toEqual(fallback);
  });

  it("keeps the kind of each parameter", () => {
    const { parameters } = fromSearch(new URLSearchParams("p.folder=1&p.port=2&p.fresh=true"), fallback);
    expect(parameters).toEqual({ folder: "1", port: 2, fresh: true });
  });

  it("leaves a number empty that the link says is empty, and takes no parameter that only objects have", () => {
    const { parameters } = fromSearch(new URLSearchParams("p.port=&p.toString=1"), fallback);
    expect(parameters).toEqual({ folder: "", port: Number.NaN, fresh: false });
  });

  it("leaves the account to the scheduler where that was chosen, whatever the default is", () => {
    const search = requestSearch(toRequest("jupyter", { ...composed, account: "" }));
    expect(fromSearch(search, { ...fallback, account: "physics" }).account).toBe("");
  });

  it("names modules without being told that software comes from modules", () => {
    expect(fromSearch(new URLSearchParams("modules=gcc/13.2"), fallback)).toMatchObject({
      software: "modules",
      modules: ["gcc/13.2"],
    });
  });

  it("asks for an earlier request again, with some of it changed", () => {
    const earlier = toRequest("jupyter", composed);
    const again = fromSearch(requestSearch(earlier, { memoryGiB: 16 }), fallback);
    expect(toRequest("jupyter", again)).toEqual({ ...earlier, memoryGiB: 16 });
  });
});

describe("a composed request for the API", () => {
  it("is one that the API's schema takes", () => {
    expect(resourceRequest.safeParse(toRequest("jupyter", composed)).error).toBeUndefined();
    expect(resourceRequest.safeParse(toRequest("jupyter", fallback)).error).toBeUndefined();
  });

  it("asks for modules where none is chosen yet, which the API refuses with its field", () => {
    const asked = toRequest("jupyter", { ...fallback, software: "modules", modules: [] });
    const [issue] = resourceRequest.safeParse(asked).error?.issues ?? [];
    expect([issue?.path.join("."), issue?.message]).toEqual(["software.modules", "Choose at least one module."]);
  });

  it("holds nothing empty but parameters, whose default would come back", () => {
    expect(toRequest("jupyter", { ...fallback, parameters: { folder: "", port: Number.NaN, fresh: false } })).toEqual({
      template: "jupyter",
      cluster: "hpc",
      partition: "cpu",
      cpus: 1,
      memoryGiB: 2,
      minutes: 60,
      software: { kind: "host" },
      parameters: { folder: "", port: "", fresh: false },
    });
  });

  it("hands on less than none, which the API refuses with its field", () => {
    const asked = toRequest("jupyter", { ...fallback, nodes: -1, gpus: -1, scratchGiB: -1 });
    const issues = resourceRequest.safeParse(asked).error?.issues ?? [];
    expect(issues.map(({ path }) => path.join(".")).toSorted()).toEqual(["gpus", "nodes", "scratchGiB"]);
  });

  it("forgets the type of GPUs when none are asked for", () => {
    expect(toRequest("jupyter", { ...composed, gpus: 0 })).not.toHaveProperty("gpuType");
  });

  it("knows which numbers are not typed yet", () => {
    expect(emptyNumbers(fallback)).toEqual([]);
    expect(emptyNumbers({ ...fallback, cpus: Number.NaN, minutes: Number.NaN })).toEqual(["cpus", "minutes"]);
  });
});
