import { expect, it } from "vitest";
import { defaultName, freeName } from "./rules";

it.each([
  ["hpc", [], "hpc"],
  ["hpc", ["other"], "hpc"],
  ["hpc", ["hpc"], "hpc 2"],
  ["hpc", ["hpc", "hpc 2", "hpc 4"], "hpc 3"],
])("names a terminal %s beside %j: %s", (name, taken, free) => {
  expect(freeName(name, taken)).toBe(free);
});

const local = { name: "local", title: "This machine" };

it.each([
  ["the cluster's title", local, null, "This machine"],
  ["a cluster without one by its name", { name: "hpc" }, null, "hpc"],
  ["the session that it is in", local, { name: "Night run", title: "Jupyter" }, "Night run"],
  ["a session without a name by what it runs", local, { name: " ", title: "Jupyter" }, "Jupyter"],
])("calls a terminal by %s", (_what, cluster, session, name) => {
  expect(defaultName(cluster, session)).toBe(name);
});
