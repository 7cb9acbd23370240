// The sixteen colours of a terminal in light and in dark. Black is dark and white is light in both: programs set one on the
// other. Where text would be too faint on the page's ground, xterm moves it until it can be read (minimumContrastRatio).
import type { ITheme } from "@xterm/xterm";

/** Of the page's theme, as #rrggbb. */
export type PageColours = Record<"panel" | "ink" | "accent" | "bad" | "ok" | "wait" | "info", string>;

type Fixed = Pick<ITheme, "black" | "white" | "magenta" | `bright${Capitalize<Hue>}`>;
type Hue = "black" | "white" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";

const onLight: Required<Fixed> = {
  ...{ black: "#1f2328", white: "#d8dee4", brightBlack: "#57606a", brightWhite: "#ffffff", magenta: "#8a44a6" },
  ...{ brightRed: "#cf222e", brightGreen: "#1a7f37", brightYellow: "#9a6700" },
  ...{ brightBlue: "#1f6feb", brightMagenta: "#a626c4", brightCyan: "#0e7c86" },
};
const onDark: Required<Fixed> = {
  ...{ black: "#30363d", white: "#c9d1d9", brightBlack: "#8b949e", brightWhite: "#ffffff", magenta: "#c792dd" },
  ...{ brightRed: "#ffa198", brightGreen: "#56d364", brightYellow: "#e3b341" },
  ...{ brightBlue: "#79c0ff", brightMagenta: "#e2b8ff", brightCyan: "#56d4dd" },
};

/** Relative luminance of #rrggbb (WCAG 2.2), from 0 to 1. */
export function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What xterm is to draw with on a page of these colours. */
export function palette({ panel, ink, accent, bad, ok, wait, info }: PageColours): ITheme {
  return {
    ...(luminance(panel) > luminance(ink) ? onLight : onDark),
    ...{ background: panel, foreground: ink, cursor: accent, cursorAccent: panel },
    selectionBackground: `${accent}55`,
    ...{ red: bad, green: ok, yellow: wait, blue: info, cyan: accent },
  };
}
