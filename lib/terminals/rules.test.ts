import { expect, it } from "vitest";
import { freeName } from "./rules";

it.each([
  ["hpc", [], "hpc"],
  ["hpc", ["other"], "hpc"],
  ["hpc", ["hpc"], "hpc 2"],
  ["hpc", ["hpc", "hpc 2", "hpc 4"], "hpc 3"],
])("names a terminal %s beside %j: %s", (name, taken, free) => {
  expect(freeName(name, taken)).toBe(free);
});
