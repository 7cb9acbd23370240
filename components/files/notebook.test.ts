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
    { kind: "markdown", source: "# Title\ntext", count: null, outputs: [] },
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

it("a drawing is an image, and raw cells are text", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>"é#%</text></svg>';
  const cells = [
    { cell_type: "code", source: "", outputs: [{ data: { "image/svg+xml": [svg], "text/plain": "x" } }] },
    { cell_type: "raw", source: "*as it is*" },
  ];
  const found = readNotebook(JSON.stringify({ cells }));
  expect(found?.[0]?.outputs).toEqual([{ kind: "image", source: `data:image/svg+xml,${encodeURIComponent(svg)}` }]);
  expect(found?.[1]?.kind).toBe("text");
});

it("format 3 has sheets, and other names", () => {
  const cells = [
    { cell_type: "heading", level: 2, source: ["Title"] },
    { cell_type: "markdown", source: "*a*" },
    {
      ...{ cell_type: "code", input: ["1+", "1"], prompt_number: 4 },
      outputs: [
        { output_type: "pyout", text: ["2"], prompt_number: 4 },
        { output_type: "display_data", png: "aGk=\n" },
        { output_type: "stream", stream: "stdout", text: "out" },
        { output_type: "pyerr", traceback: ["Error"] },
      ],
    },
  ];
  expect(readNotebook(JSON.stringify({ nbformat: 3, worksheets: [{ cells }, {}] }))).toEqual([
    { kind: "markdown", source: "## Title", count: null, outputs: [] },
    { kind: "markdown", source: "*a*", count: null, outputs: [] },
    {
      ...{ kind: "code", source: "1+1", count: 4 },
      outputs: [
        { kind: "text", text: "2", isError: false },
        { kind: "image", source: "data:image/png;base64,aGk=" },
        { kind: "text", text: "out", isError: false },
        { kind: "text", text: "Error\n", isError: true },
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
