import { expect, it } from "vitest";
import { readNotebook } from "@/components/files/notebook";

it("cells keep their source and the outputs that can be shown", () => {
  const cells = [
    { cell_type: "markdown", source: ["# Title\n", "text"] },
    {
      cell_type: "code",
      source: "1/0",
      execution_count: 3,
      outputs: [
        { output_type: "stream", text: ["a\n"] },
        { output_type: "error", traceback: ["\u001b[31mZeroDivisionError\u001b[0m"] },
        { output_type: "display_data", data: { "image/png": "aGk=\n", "text/plain": "x" } },
        { output_type: "execute_result", data: { "text/html": "<b>1</b>", "text/plain": "1" } },
      ],
    },
  ];
  expect(readNotebook(JSON.stringify({ nbformat: 4, cells }))).toEqual([
    { kind: "text", source: "# Title\ntext", count: null, outputs: [] },
    {
      kind: "code",
      source: "1/0",
      count: 3,
      outputs: [
        { kind: "text", text: "a\n", isError: false },
        { kind: "text", text: "ZeroDivisionError\n", isError: true },
        { kind: "image", source: "data:image/png;base64,aGk=" },
        { kind: "html", html: "<b>1</b>" },
      ],
    },
  ]);
});

it("an image that is no base64 is not made an address", () => {
  const cells = [{ cell_type: "code", source: "", outputs: [{ data: { "image/png": "javascript:alert(1)" } }] }];
  expect(readNotebook(JSON.stringify({ cells }))?.[0]?.outputs).toEqual([{ kind: "other" }]);
});

it.each(["", "[]", "{", '{"cells":3}', "null"])("%j is no notebook", (text) => {
  expect(readNotebook(text)).toBeNull();
});
