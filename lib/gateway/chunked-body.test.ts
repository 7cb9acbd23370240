import { expect, it } from "vitest";
import { chunkedBody } from "@/lib/gateway/chunked-body";

function taken(text: string, pieceBytes: number) {
  const body = chunkedBody();
  let data = "";
  let rest: Buffer | null = null;
  for (let at = 0; at < text.length && rest === null; at += pieceBytes) {
    const piece = Buffer.from(text.slice(at, at + pieceBytes), "latin1");
    rest = body.take(piece, (part) => {
      data += part.toString("latin1");
    });
  }
  return { data, rest: rest?.toString("latin1") ?? null, trailers: body.trailers };
}

it.each([1, 2, 3, 7, 1000])("gives the data however the bytes arrive: %i at a time", (pieceBytes) => {
  const text = "5;name=value\r\nabc\r\n\r\nA\r\n0123456789\r\n0\r\nX-Sum: 7 \r\n\r\n";
  expect(taken(text, pieceBytes)).toMatchObject({ data: "abc\r\n0123456789", rest: "", trailers: ["X-Sum", "7"] });
});

it("keeps what follows the body apart, and is not over before its end", () => {
  expect(taken("1\r\na\r\n0\r\n\r\nHTTP/1.1", 1000)).toMatchObject({ data: "a", rest: "HTTP/1.1" });
  expect(taken("1\r\na\r\n0\r\n", 1000).rest).toBeNull();
});

it("refuses trailers without end, however they arrive", () => {
  const body = chunkedBody();
  const line = Buffer.from(`X-Sum: ${"7".repeat(1000)}\r\n`);
  body.take(Buffer.from("0\r\n"), () => {});
  for (let count = 0; count < 16; count += 1) body.take(line, () => {});
  expect(() => body.take(line, () => {})).toThrow("too many trailers");
});

it.each(["x\r\n", "1\nab", "-1\r\n", "1\r\nab\r\n", "0\r\nbroken\r\n\r\n", " 1\r\na\r\n", `1;${"x".repeat(20_000)}`])(
  "refuses what is no chunk: %j",
  (text) => {
    expect(() => taken(text, 1000)).toThrow();
  },
);
