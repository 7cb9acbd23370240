import { expect, it } from "vitest";
import { moved, nothing, only, ranged, toggled } from "@/components/files/selection";

const rows = ["/a", "/b", "/c", "/d", "/e"];

it("a range goes from where it began, in either direction, and can be drawn anew", () => {
  const down = ranged(only("/b"), "/d", rows);
  expect([...down.chosen]).toEqual(["/b", "/c", "/d"]);
  expect([...ranged(down, "/a", rows).chosen]).toEqual(["/a", "/b"]);
});

it("toggling adds and takes away one and leaves the others", () => {
  const both = toggled(only("/a"), "/c");
  expect([...both.chosen]).toEqual(["/a", "/c"]);
  expect([...toggled(both, "/a").chosen]).toEqual(["/c"]);
});

it("keys move within the list and stop at its ends", () => {
  const view = { rows, page: 3, lastAt: -1 };
  expect(moved(nothing, "ArrowDown", view)).toBe("/a");
  expect(moved(only("/e"), "ArrowDown", view)).toBe("/e");
  expect(moved(only("/a"), "ArrowUp", view)).toBe("/a");
  expect(moved(only("/b"), "PageDown", view)).toBe("/e");
  expect(moved(only("/b"), "End", view)).toBe("/e");
  expect(moved(only("/b"), "x", view)).toBeNull();
  expect(moved(nothing, "ArrowDown", { rows: [], page: 3, lastAt: -1 })).toBeNull();
});

it("where the row that a range began at is gone, it begins anew instead of at the top", () => {
  expect(ranged(only("/gone"), "/d", rows)).toEqual(only("/d"));
});

it("where the active row is gone, keys go on from between the rows where it was", () => {
  const left = rows.filter((path) => path !== "/d");
  const view = { rows: left, page: 2, lastAt: 3 };
  const to = (key: string, change = {}) => moved(only("/d"), key, { ...view, ...change });
  expect([to("ArrowDown"), to("ArrowUp")]).toEqual(["/e", "/c"]);
  expect([to("PageDown"), to("PageUp")]).toEqual(["/e", "/b"]);
  expect([to("ArrowDown", { lastAt: 9 }), to("ArrowUp", { lastAt: 9 })]).toEqual(["/e", "/e"]);
  expect([to("ArrowDown", { lastAt: 0 }), to("ArrowUp", { lastAt: 0 })]).toEqual(["/a", "/a"]);
  expect(to("ArrowDown", { lastAt: -1 })).toBe("/a");
});
