import { expect, it } from "vitest";
import { dropped } from "@/components/files/dropped";

type Tree = { [name: string]: Tree | string };

/** As a browser has it: entries come in portions, and an empty one at the end. */
function entryOf(name: string, content: Tree | string): unknown {
  if (typeof content === "string")
    return {
      isFile: true,
      isDirectory: false,
      name,
      file: (done: (file: File) => void) => done(new File([content], name)),
    };
  const portions = [Object.entries(content).map(([child, inside]) => entryOf(child, inside)), []];
  const readEntries = (done: (entries: unknown[]) => void) => done(portions.shift() ?? []);
  return { isFile: false, isDirectory: true, name, createReader: () => ({ readEntries }) };
}

it("a dropped folder brings its files and the folders that are empty", async () => {
  const tree: Tree = {
    set: { "a.txt": "a", empty: {}, in: { "b.txt": "b", deeper: { none: {} } } },
    "c.txt": "c",
    bare: {},
  };
  const items = Object.entries(tree).map(([name, content]) => ({
    ...{ kind: "file", webkitGetAsEntry: () => entryOf(name, content) },
  }));
  // Only these fields are looked at.
  const { found, unread } = await dropped({ items, files: [] } as unknown as DataTransfer);
  expect(unread).toEqual([]);
  expect(found.map(({ file, folders, isFolder }) => [[...folders, file.name].join("/"), isFolder ?? false])).toEqual([
    ["set/a.txt", false],
    ["set/empty", true],
    ["set/in/b.txt", false],
    ["set/in/deeper/none", true],
    ["c.txt", false],
    ["bare", true],
  ]);
});
