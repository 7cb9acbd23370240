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

it("where the active row is gone, keys go on from its place", () => {
  const view = { rows, page: 3, lastAt: 3 };
  expect(moved(only("/gone"), "ArrowDown", view)).toBe("/d");
  expect(moved(only("/gone"), "ArrowUp", view)).toBe("/b");
  expect(moved(only("/gone"), "ArrowDown", { ...view, lastAt: 9 })).toBe("/e");
  expect(moved(only("/gone"), "ArrowDown", { ...view, lastAt: 0 })).toBe("/a");
});
