import { describe, expect, it } from "vitest";
import { arrange, endingOf } from "@/components/files/arrange";
import type { FileEntry } from "@/lib/files/schema";

const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  ...{ type: "file", name, path: `/data/${name}`, size: 1, mode: "0644", owner: "alice", group: "lab", target: null },
  modifiedAt: "2026-11-01T10:00:00.000Z",
  ...more,
});
const plain = { sort: "name", descending: false, filter: "", hidden: false } as const;
const names = (entries: FileEntry[]) => entries.map(({ name }) => name);

describe("a folder's entries", () => {
  it("come folders first, links to folders among them, and numbers in names count as numbers", () => {
    const link = entry("latest", { type: "link", target: { text: "runs", type: "folder" } });
    const entries = [entry("run10"), entry("run9"), entry("zoo", { type: "folder" }), link];
    expect(names(arrange(entries, plain))).toEqual(["latest", "zoo", "run9", "run10"]);
  });

  it("hide names that begin with a dot unless asked for, and are found by any part of the name", () => {
    const entries = [entry(".bashrc"), entry("Reads.fastq"), entry("notes")];
    expect(names(arrange(entries, plain))).toEqual(["notes", "Reads.fastq"]);
    expect(names(arrange(entries, { ...plain, hidden: true }))).toHaveLength(3);
    expect(names(arrange(entries, { ...plain, filter: "READS" }))).toEqual(["Reads.fastq"]);
  });

  it("of the same size stay in the order of their names, whichever way sizes go", () => {
    const entries = [entry("c"), entry("a", { size: 5 }), entry("b")];
    expect(names(arrange(entries, { ...plain, sort: "size" }))).toEqual(["b", "c", "a"]);
    expect(names(arrange(entries, { ...plain, sort: "size", descending: true }))).toEqual(["a", "b", "c"]);
  });

  it("are arranged in a moment when there are a hundred thousand", () => {
    const many = Array.from({ length: 100_000 }, (_, at) => entry(`sample-${(at * 7919) % 100_000}.dat`));
    // Of the processor, which a busy machine gives late.
    const before = process.cpuUsage();
    expect(arrange(many, plain)).toHaveLength(100_000);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(4);
  });
});

it("a dot at the beginning makes no ending", () => {
  expect(["a.CSV", ".bashrc", "x.tar.gz", "plain"].map(endingOf)).toEqual(["csv", "", "gz", ""]);
});
