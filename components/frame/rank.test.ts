import { describe, expect, it } from "vitest";
import { ranked } from "./rank";

const group = (key: string, ...texts: string[]) => ({ key, heading: key, entries: texts.map((text) => ({ text })) });
const groups = [
  group("sessions", "Test results Jupyter local", "my analysis Jupyter gpu-cluster"),
  group("launch", "Launch Jupyter", "Launch Web folder"),
  group("pages", "Clusters", "Sessions", "Settings"),
];
const found = (search: string) => ranked(groups, search).flatMap(({ entries }) => entries.map(({ text }) => text));

describe("a search in the palette", () => {
  it("puts the best first, whichever group it is of", () => {
    expect(found("set")[0]).toBe("Settings");
    expect(found("clust")).toEqual(["Clusters", "my analysis Jupyter gpu-cluster"]);
  });

  it("finds words in any order, each of them", () => {
    expect(found("jupyter launch")).toEqual(["Launch Jupyter"]);
    expect(found("ana jup")).toEqual(["my analysis Jupyter gpu-cluster"]);
    expect(found("launch nothing")).toEqual([]);
  });

  it("allows for letters left out or swapped, and not for ones that are all over the text", () => {
    expect(found("clst")[0]).toBe("Clusters");
    expect(found("settigns")).toEqual(["Settings"]);
    expect(found("ses")).not.toContain("my analysis Jupyter gpu-cluster");
  });

  it("is not begun by spaces", () => expect(ranked(groups, "  ")).toBe(groups));
});
