import { expect, it } from "vitest";
import { bytesOf } from "@/components/files/text-bytes";

const bytes = async (blob: Blob | null) => blob && [...new Uint8Array(await blob.arrayBuffer())];
const plain = { encoding: "utf-8", bom: false, lineEnds: "lf" } as const;

it("a text keeps its line ends and its mark", async () => {
  expect(await bytes(bytesOf("a\nb", plain))).toEqual([97, 10, 98]);
  expect(await bytes(bytesOf("a\nb", { ...plain, lineEnds: "crlf" }))).toEqual([97, 13, 10, 98]);
  expect(await bytes(bytesOf("a", { ...plain, bom: true }))).toEqual([0xef, 0xbb, 0xbf, 97]);
});

it("Latin-1 stays Latin-1, and refuses what it cannot write", async () => {
  expect(await bytes(bytesOf("\u00fc", { ...plain, encoding: "latin-1" }))).toEqual([0xfc]);
  expect(bytesOf("\u20ac", { ...plain, encoding: "latin-1" })).toBeNull();
});
