import { expect, it } from "vitest";
import { differenceOf, fingerprintOf, modifiedOf } from "@/components/files/upload-identity";

const upload = { name: "data.h5", size: 7 };
const file = { name: "data.h5", size: 7, lastModified: 1_700_000_000_123 };

it.each([
  ["the same file", {}, file.lastModified, null],
  ["the same file, begun in another browser", {}, null, null],
  ["another file of that size", { name: "other.h5" }, file.lastModified, "name"],
  ["a longer one", { size: 8 }, file.lastModified, "size"],
  ["one that was changed since", { lastModified: 1_700_000_000_124 }, file.lastModified, "time"],
])("%s", (_what, change, modified, difference) => {
  expect(differenceOf(upload, { ...file, ...change }, modified)).toBe(difference);
});

it("a name with signs that are shown otherwise is still the same", () => {
  expect(differenceOf({ name: "a\u2409b", size: 7 }, { ...file, name: "a\tb" }, null)).toBeNull();
});

function storageOf(entries: Record<string, string>): Storage {
  const keys = Object.keys(entries);
  const storage = { length: keys.length, key: (at: number) => keys[at], getItem: (key: string) => entries[key] };
  // Only these three are asked.
  return storage as unknown as Storage;
}

it("the time of change is what this browser remembered of that upload", () => {
  const where = { cluster: "hpc", folder: "/home/a b", path: "x 12/data.h5" };
  const fingerprint = fingerprintOf(where, Object.assign(new File(["1234567"], "data.h5", { lastModified: 1_234 })));
  const stored = (id: string) => JSON.stringify({ size: 7, uploadUrl: `https://berth.example/api/uploads/${id}` });
  const storage = storageOf({
    "tus::other::1": stored("abc"),
    "tus::berth broken 1 2::3": "{",
    [`tus::${fingerprint}::1`]: stored("cba"),
    [`tus::${fingerprint.replace(/1234$/, "99")}::2`]: stored("abc"),
  });
  expect([modifiedOf(storage, "abc"), modifiedOf(storage, "cba"), modifiedOf(storage, "c")]).toEqual([99, 1_234, null]);
});
