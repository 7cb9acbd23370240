import { expect, it } from "vitest";
import { luminance, palette } from "@/components/terminals/palette";

// As a browser computes app/globals.css.
const page = { accent: "#808080", bad: "#808080", ok: "#808080", wait: "#808080", info: "#808080" };
const light = palette({ ...page, panel: "#ffffff", ink: "#141e25" });
const dark = palette({ ...page, panel: "#12191e", ink: "#ecf0f1" });

const contrast = (one = "", other = ""): number => {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
};

it.each([
  ["light", light],
  ["dark", dark],
])("has a dark black and a light white where the page is %s", (_mode, theme) => {
  expect(luminance(theme.black ?? "")).toBeLessThan(0.1);
  expect(luminance(theme.white ?? "")).toBeGreaterThan(0.6);
  expect(contrast(theme.black, theme.white)).toBeGreaterThan(4.5);
  expect(contrast(theme.black, theme.brightBlack)).toBeGreaterThan(2);
});

it.each([
  ["light", light],
  ["dark", dark],
])("has bright colours that can be read where the page is %s", (_mode, theme) => {
  const { brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, magenta } = theme;
  const all = { brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, magenta };
  const faint = Object.entries(all).filter(([, colour]) => contrast(colour, theme.background) < 4.5);
  expect(faint).toEqual([]);
});
