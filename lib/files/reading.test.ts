import { describe, expect, it } from "vitest";
import { attachment, mediaTypeOf } from "@/lib/files/disposition";
import { headAndRest, records } from "@/lib/files/fields";
import { parseRange, spanOf } from "@/lib/files/range";
import { encodeTyped } from "@/lib/files/rules";
import { decodeText } from "@/lib/files/text-file";

describe("a range", () => {
  it.each([
    ["bytes=0-9", { from: 0, count: 10 }],
    ["bytes=90-", { from: 90, count: 10 }],
    ["bytes=-5", { from: 95, count: 5 }],
    ["bytes=-500", { from: 0, count: 100 }],
    ["bytes=99-500", { from: 99, count: 1 }],
    ["bytes=100-", null],
    ["bytes=-0", null],
  ])("%s means its bytes of a hundred", (header, span) => expect(spanOf(parseRange(header), 100)).toEqual(span));

  it.each([
    null,
    "",
    "bytes=",
    "bytes=-",
    "bytes=5-2",
    "bytes=0-1,3-4",
    "items=0-1",
    "bytes=0x1-",
    "bytes=1-99999999999999999",
  ])("%s is no range, so all is answered", (header) => expect(parseRange(header)).toBeNull());
});

describe("a name in Content-Disposition", () => {
  it.each([
    ["a b.txt", `attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`],
    ['x"; filename="y.exe', `attachment; filename="x_; filename=_y.exe"; filename*=UTF-8''x_%3B%20filename%3D_y.exe`],
    ["é%41'()", `attachment; filename="__41'()"; filename*=UTF-8''%C3%A9%2541%27%28%29`],
    ["a\r\nSet-Cookie: x", `attachment; filename="a__Set-Cookie_ x"; filename*=UTF-8''a__Set-Cookie_%20x`],
    ["\ufffd", `attachment; filename="_"; filename*=UTF-8''_`],
    ["\u202egnp.exe\u2028", `attachment; filename="_gnp.exe_"; filename*=UTF-8''_gnp.exe_`],
    ["ی\u200cا", `attachment; filename="___"; filename*=UTF-8''%DB%8C%E2%80%8C%D8%A7`],
  ])("%s", (name, header) => expect(attachment(encodeTyped(name))).toBe(header));

  it("that is no UTF-8 has a sign for what it is not", () =>
    expect(attachment("caf%E9.txt.zip")).toBe(`attachment; filename="caf_.txt.zip"; filename*=UTF-8''caf_.txt.zip`));

  it("gives images their media type, and nothing that can run", () => {
    expect(mediaTypeOf("a.PNG")).toBe("image/png");
    for (const name of ["a.svg", "a.html", "a.pdf", "png", "a.png.html"])
      expect(mediaTypeOf(name)).toBe("application/octet-stream");
  });
});

describe("text for an editor", () => {
  const whole = (bytes: Uint8Array | string) => decodeText(Buffer.from(bytes as string), true); // Buffer.from takes both.
  it("is UTF-8, Latin-1 or nothing to edit", () => {
    expect(whole("\ufeffé\r\n")).toEqual({ text: "é\r\n", encoding: "utf-8", bom: true, lineEnds: "crlf" });
    expect(whole(Uint8Array.of(0xe9, 10))).toMatchObject({ text: "é\n", encoding: "latin-1", lineEnds: "lf" });
    expect(whole("a\0b")).toMatchObject({ text: "", encoding: "binary" });
    expect(whole("a\r\nb\n").lineEnds).toBe("mixed");
    expect(["a\rb\nc\n", "a\r\nb\rc\r\n"].map((text) => whole(text).lineEnds)).toEqual(["mixed", "mixed"]);
  });
  it("that was cut inside a character is still UTF-8", () => {
    expect(decodeText(Buffer.from("aé").subarray(0, 2), false)).toMatchObject({ text: "a", encoding: "utf-8" });
  });
});

describe("fields that end with NUL", () => {
  async function* byOne(text: string): AsyncGenerator<Buffer> {
    for (const byte of Buffer.from(text)) yield Buffer.of(byte);
  }
  it("are found however the bytes come", async () => {
    const found = await Array.fromAsync(records(byOne("h\0i\0a\0\0c\0rest"), { first: 2, others: 3 }));
    expect(found.map((record) => record.map(String))).toEqual([
      ["h", "i"],
      ["a", "", "c"],
    ]);
  });
  it("come before the rest", async () => {
    const { head, rest } = await headAndRest(byOne("a\0b\0\0x"), 2);
    expect(head.map(String)).toEqual(["a", "b"]);
    expect(Buffer.concat(await Array.fromAsync(rest)).toString()).toBe("\0x");
    expect((await headAndRest(byOne("a\0"), 2)).head).toHaveLength(1);
  });
});
