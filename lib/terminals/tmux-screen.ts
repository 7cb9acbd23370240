// What tmux says of a pane, as text that draws it on an empty terminal of the pane's size: the lines above, the ordinary
// screen, another one in front of it, and the modes that its program has set. Pure.

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: control characters are what this file is about.
const SGR = /\x1b\[([\d;:]*)m/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: as above.

/** Names of tmux(1), FORMATS. One that a version lacks is empty, as one that is off. */
const FLAGS = [
  ...[
    "session_id",
    "window_id",
    "pane_id",
    "pane_height",
    "history_size",
    "alternate_on",
    "alternate_saved_x",
    "alternate_saved_y",
  ],
  ...["cursor_x", "cursor_y", "scroll_region_upper", "scroll_region_lower", "origin_flag", "wrap_flag"],
  ...["cursor_flag", "insert_flag", "keypad_flag", "keypad_cursor_flag", "bracket_paste_flag", "mouse_standard_flag"],
  ...["mouse_button_flag", "mouse_all_flag", "mouse_utf8_flag", "mouse_sgr_flag"],
] as const;
export type Flags = Record<(typeof FLAGS)[number], string>;

/** What display-message is to print, and parseFlags() reads. */
export const flagsFormat: string = FLAGS.map((name) => `#{${name}}`).join(",");

export function parseFlags(line: string): Flags {
  const values = line.split(",");
  // Every name of FLAGS is there.
  return Object.fromEntries(FLAGS.map((name, at) => [name, values[at] ?? ""])) as Flags;
}

export const isOn = (flag: string): boolean => Number(flag) > 0;

export type Seen = {
  flags: Flags;
  /** As capture-pane -e prints them: what is above, and the ordinary screen. */
  ordinary: string[];
  /** The rows of that screen: the last ones of `ordinary`. */
  ordinaryRows: number;
  /** The rows of the screen in front of it, where there is one. */
  alternate: string[] | null;
  /** The beginning of a sequence whose end the program has not written yet. */
  pending: string;
};

/** Modes that are set where the flag is on (xterm's ctlseqs, DECSET). */
const MODES: [keyof Flags, string][] = [
  ["insert_flag", "\x1b[4h"],
  ["keypad_flag", "\x1b="],
  ["keypad_cursor_flag", "\x1b[?1h"],
  ["bracket_paste_flag", "\x1b[?2004h"],
  ["mouse_standard_flag", "\x1b[?1000h"],
  ["mouse_button_flag", "\x1b[?1002h"],
  ["mouse_all_flag", "\x1b[?1003h"],
  ["mouse_utf8_flag", "\x1b[?1005h"],
  ["mouse_sgr_flag", "\x1b[?1006h"],
];

/** What a sequence of colours replaces of those before it: one of the same kind. */
function kindOf(parameters: string): string {
  const first = Number.parseInt(parameters || "0", 10);
  if ((first >= 30 && first <= 39) || (first >= 90 && first <= 97)) return "letters";
  if ((first >= 40 && first <= 49) || (first >= 100 && first <= 107)) return "ground";
  return first === 0 ? "all" : parameters;
}

/** Lines below each other. A colour goes on in the next one, but not into the rest of its own or the empty row that comes. */
function below(lines: string[]): string {
  const colours = new Map<string, string>();
  const drawn = lines.map((line) => {
    const before = [...colours.values()].join("");
    for (const [sequence, parameters = ""] of line.matchAll(SGR)) {
      const kind = kindOf(parameters);
      if (kind === "all") colours.clear();
      colours.delete(kind);
      colours.set(kind, sequence);
    }
    return before + line + (colours.size > 0 ? "\x1b[0m" : "");
  });
  return drawn.join("\r\n");
}

const place = (x: string | number, y: string | number): string => `\x1b[${Number(y) + 1};${Number(x) + 1}H`;

/** Modes, and the cursor, whose row counts from the scroll region's first where that is its origin. */
function settings(flags: Flags): string {
  const [top, bottom] = [Number(flags.scroll_region_upper), Number(flags.scroll_region_lower)];
  const isRegion = bottom > top && (top > 0 || bottom < Number(flags.pane_height) - 1);
  const hasOrigin = isOn(flags.origin_flag);
  return [
    isRegion ? `\x1b[${top + 1};${bottom + 1}r` : "",
    hasOrigin ? "\x1b[?6h" : "",
    place(flags.cursor_x, Number(flags.cursor_y) - (hasOrigin ? top : 0)),
    ...MODES.map(([name, sequence]) => (isOn(flags[name]) ? sequence : "")),
    flags.wrap_flag === "0" ? "\x1b[?7l" : "",
    flags.cursor_flag === "0" ? "\x1b[?25l" : "",
  ].join("");
}

/** Where the cursor is on the ordinary screen, which keeps its rows while the pane gets others. */
function behind(flags: Flags, rows: number): string {
  const more = Math.min(Number(flags.history_size), Number(flags.pane_height) - rows);
  return place(flags.alternate_saved_x, Math.max(0, Number(flags.alternate_saved_y) + more));
}

/** Text that draws it on an empty terminal. */
export function restored({ flags, ordinary, ordinaryRows, alternate, pending }: Seen): string {
  const other = alternate ? `${behind(flags, ordinaryRows)}\x1b[?1049h${place(0, 0)}${below(alternate)}` : "";
  const text = below(ordinary) + other;
  // tmux shifts to the second set of characters for lines of boxes.
  const shifted = text.includes("\x0e") ? `\x1b)0${text}\x0f\x1b)B` : text;
  return shifted + settings(flags) + pending;
}
