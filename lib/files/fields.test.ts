// What scripts print comes from a shell of the person's own choosing: fields may have no end, or there may be no end of them.
import { expect, it } from "vitest";
import { headAndRest, records, splitFields } from "@/lib/files/fields";

const piece = Buffer.alloc(64 * 1024, "x");

/** So many MiB without the end of a field; `read` tells how many of them were taken. */
function endless(mebibytes: number) {
  let read = 0;
  async function* source() {
    for (; read < 16 * mebibytes; read += 1) yield piece;
  }
  return { source: source(), read: () => read / 16 };
}

it("a field that has no end is not gathered", async () => {
  const listed = endless(200);
  const longest = 2 ** 20;
  await expect(Array.fromAsync(records(listed.source, { first: 2, others: 2, longest }))).rejects.toMatchObject({
    code: "cluster",
  });
  expect(listed.read()).toBeLessThan(2);
  const opened = endless(200);
  await expect(headAndRest(opened.source, 3)).rejects.toMatchObject({ code: "cluster" });
  expect(opened.read()).toBeLessThan(2);
});

it("a long field is one, however small its pieces are", async () => {
  async function* source() {
    for (let count = 0; count < 8000; count += 1) yield piece.subarray(0, 1024);
    yield Buffer.from("\0end\0");
  }
  const found = await Array.fromAsync(records(source(), { first: 2, others: 2 }));
  expect(found.map((values) => values.map(({ length }) => length))).toEqual([[8_192_000, 3]]);
});

it("of an answer that is nothing but ends of fields the first are taken", () => {
  expect(splitFields(Buffer.alloc(2 ** 20)).length).toBeLessThanOrEqual(50_000);
  expect(splitFields(Buffer.from("a\0b\0c\0"), 2).map(String)).toEqual(["a", "b"]);
});

it("no answer is a path of megabytes", () => {
  expect(splitFields(Buffer.from(`${"x".repeat(4096)}\0`))).toHaveLength(1);
  expect(() => splitFields(Buffer.from(`a\0${"x".repeat(2 ** 20)}\0`))).toThrow("cannot be read");
});
