import { expect, it } from "vitest";
import { PortalError } from "@/lib/errors";
import { type UnreachableLine, unreachableLog } from "@/lib/gateway/log-unreachable";

function noted() {
  const lines: UnreachableLine[] = [];
  let ms = 0;
  const note = unreachableLog(
    (line) => lines.push(line),
    () => ms,
  );
  return { lines, note, pass: (more: number) => (ms += more) };
}

it("writes one line a session in ten seconds, and how often it was", () => {
  const { lines, note, pass } = noted();
  const error = new Error("gone");
  for (let count = 0; count < 50; count += 1) note(error, "one");
  note(error, "two");
  pass(10_000);
  note(error, "one");
  expect(lines.map(({ sessionId, times }) => [sessionId, times])).toEqual([
    ["one", 1],
    ["two", 1],
    ["one", 50],
  ]);
});

it("writes a known fault without the place in the code where it was found", () => {
  const { lines, note } = noted();
  note(new PortalError("cluster", "It cannot be reached", { words: "ECONNREFUSED", cause: new Error("c") }), "one");
  expect(lines[0]?.err).toEqual({ code: "cluster", message: "It cannot be reached", words: "ECONNREFUSED" });
});
