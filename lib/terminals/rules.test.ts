import { expect, it } from "vitest";
import { type Contact, defaultName, freeName, inContact, mayTakeOver } from "./rules";

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

/** Renewals at these seconds, every ten seconds as a rule, and whether a claim of 30 s that ran out may be taken at the last. */
it.each([
  ["soon after the start", [0, 10, 20], false],
  ["when a claim's time has passed", [0, 10, 20, 30], true],
  ["with a slow renewal", [0, 10, 22, 33], true],
  ["right after an outage", [0, 10, 20, 30, 75], false],
  ["while others may still come back after one", [0, 10, 20, 30, 75, 85, 95], false],
  ["long after one", [0, 10, 20, 30, 75, 85, 95, 105], true],
])("says %s whether others had the time to renew theirs", (_when, seconds, may) => {
  const start: Contact = { since: 0, lastAt: 0 };
  const contact = seconds.reduce((before, at) => inContact(before, at * 1000, 10_000), start);
  expect(mayTakeOver(contact, contact.lastAt, 30_000)).toBe(may);
});

it("takes nothing over while the database is away", () => {
  expect(mayTakeOver({ since: 0, lastAt: 60_000 }, 95_000, 30_000)).toBe(false);
});
