import { expect, it } from "vitest";
import { linesOf } from "@/components/files/lines";

const answer = (pieces: string[]): Response => {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  return new Response(
    new ReadableStream({
      pull(controller) {
        const piece = bytes.shift();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    }),
  );
};

it("lines are whole however the network cut them", async () => {
  const found: unknown[] = [];
  for await (const line of linesOf(answer(['{"a":1}\n{"b"', ":2}\n", '{"c":3}\n{"half":']))) found.push(line);
  expect(found).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
});
