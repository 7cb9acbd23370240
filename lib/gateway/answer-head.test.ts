import { describe, expect, it } from "vitest";
import { readAnswerHead } from "@/lib/gateway/answer-head";

const head = (...lines: string[]) => readAnswerHead(lines.join("\r\n"), false);

describe("the head of an app's answer", () => {
  it("has a status, words, and headers as they were spelled", () => {
    expect(head("HTTP/1.1 404 Not here", "X-One:  a b \t", "x-one: c", "Content-Length: 0")).toMatchObject({
      status: 404,
      reason: "Not here",
      headers: ["X-One", "a b", "x-one", "c", "Content-Length", "0"],
    });
  });

  it.each([
    [["Content-Length: 7"], { by: "length", bytes: 7 }],
    [["Transfer-Encoding: Chunked"], { by: "chunks" }],
    [[], { by: "close" }],
  ])("says where the body ends: %j", (lines, bodyEnd) => {
    expect(head("HTTP/1.1 200 OK", ...lines)?.bodyEnd).toEqual(bodyEnd);
  });

  it.each(["HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 103 Early Hints"])(
    "knows answers without a body, whatever they say of one: %s",
    (line) => {
      for (const said of ["Content-Length: 7", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip"]) {
        expect(head(line, said)?.bodyEnd).toEqual({ by: "nothing" });
      }
    },
  );

  it.each(["Content-Length: 7", "Transfer-Encoding: chunked"])("to HEAD has no body, whatever it says: %s", (said) => {
    expect(readAnswerHead(`HTTP/1.1 200 OK\r\n${said}`, true)?.bodyEnd).toEqual({ by: "nothing" });
  });

  it.each([
    ["HTTP/1.1", [], 59],
    ["HTTP/1.1", ["Keep-Alive: timeout=5, max=9"], 4],
    ["HTTP/1.1", ["Connection: X, Close"], null],
    ["HTTP/1.0", [], null],
    ["HTTP/1.0", ["Connection: keep-alive"], 59],
  ])("says how long the connection is kept: %s %j", (version, lines, seconds) => {
    expect(head(`${version} 200 OK`, "Content-Length: 0", ...lines)?.keptSeconds).toBe(seconds);
  });

  it.each([
    ["HTTP/2 200 OK"],
    ["HTTP/1.1 20 OK"],
    ["HTTP/1.1 200 OK\nX: y"],
    ["HTTP/1.1 101 Switching Protocols"],
    ["HTTP/1.1 200 OK", "X : y"],
    ["HTTP/1.1 200 OK", " folded: y"],
    ["HTTP/1.1 200 OK", "X: a\0b"],
    ["HTTP/1.1 200 OK", "Content-Length: 7", "Content-Length: 7"],
    ["HTTP/1.1 200 OK", "Content-Length: -7"],
    ["HTTP/1.1 200 OK", "Content-Length: 0x7"],
    ["HTTP/1.1 200 OK", "Content-Length: 7", "Transfer-Encoding: chunked"],
    ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"],
    ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
  ])("leaves what is odd to another parser: %j", (...lines) => {
    expect(head(...lines)).toBeNull();
  });
});
