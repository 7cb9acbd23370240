import { expect, it } from "vitest";
import { softwareOn } from "@/components/requests/defaults";

const probed = (available: boolean | null) => ({
  cluster: "hpc",
  available,
  missing: null,
  hint: null,
  modules: true,
  found: {},
});

it.each([
  ["the node, as long as nobody has looked", null, ["host", "modules"], true, "host"],
  ["the modules, where the node lacks it", false, ["host", "modules"], true, "modules"],
  ["nothing, where there are no modules either", false, ["host", "modules"], false, null],
  ["nothing, where only modules would do and none are offered", true, ["modules"], false, null],
  ["what the template names first", true, ["modules", "host"], true, "modules"],
] as const)("takes software from %s", (_, available, software, modules, expected) => {
  const template = { clusters: [probed(available)], software: [...software] };
  expect(softwareOn(template, { name: "hpc", modules })).toBe(expected);
});
