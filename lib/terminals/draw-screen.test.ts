import { expect, it } from "vitest";
import "@/dev/unpooled-buffers";
import { drawScreen } from "@/lib/terminals/draw-screen";

const drawn = (base: string, ...output: string[]) =>
  drawScreen({
    base,
    size: { cols: 80, rows: 24 },
    scrollback: 10,
    steps: output.map((text) => ({ bytes: new TextEncoder().encode(text) })),
  });

it("has the mouse as the program wants it told, and a hidden cursor, also when drawn again from a drawing", async () => {
  const first = await drawn("", "\x1b[?1000;1006h\x1b[?25l");
  for (const drawing of [first, await drawn(first, "more")]) {
    expect(drawing).toContain("\x1b[?1006h");
    expect(drawing).toContain("\x1b[?25l");
  }
});

it.each([
  ["is taken back", "\x1b[?1006l\x1b[?25h"],
  ["is reset", "\x1bc"],
])("has neither once it %s", async (_how, output) => {
  expect(await drawn("", "\x1b[?1006h\x1b[?25l", output)).not.toMatch(/\?(1006|25)/);
});
