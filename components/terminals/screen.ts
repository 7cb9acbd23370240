// xterm.js, set up for a shell that is not trusted: replies that could carry text of the program's choice are not given, the
// clipboard is not the program's, links need a second thought. Loaded only on the terminal's page.
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { type ITheme, Terminal } from "@xterm/xterm";
import { clipboardKey, isWindows } from "@/components/terminals/clipboard-keys";
import type { ScreenSize } from "@/lib/terminals/schema";

export type ScreenOptions = {
  fontSize: number;
  onType: (bytes: Uint8Array) => void;
  onLink: (address: string) => void;
};

export type Screen = {
  terminal: Terminal;
  search: SearchAddon;
  /** Fills its box; answers the size in characters. */
  fit: () => ScreenSize;
  write: (bytes: Uint8Array, drawn: () => void) => void;
  /** Clears everything and draws `text`; whatever it asks stays without an answer. */
  redraw: (text: string, size: ScreenSize, drawn: () => void) => void;
  setTheme: () => void;
  dispose: () => void;
};

const encoder = new TextEncoder();

/** One colour of the page's theme, as the browser computes it: xterm reads rgb, not light-dark(). */
function colour(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const { color } = getComputedStyle(probe);
  probe.remove();
  if (!canvas) return "#888";
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function theme(): ITheme {
  const ink = colour("ink");
  return {
    background: colour("panel"),
    foreground: ink,
    cursor: colour("accent"),
    cursorAccent: colour("panel"),
    selectionBackground: `${colour("accent")}55`,
    red: colour("bad"),
    green: colour("ok"),
    yellow: colour("wait"),
    blue: colour("info"),
    cyan: colour("accent"),
    magenta: "#a05fb8",
    black: colour("ink2"),
    white: ink,
    brightBlack: colour("ink3"),
  };
}

/** DECRQSS and reports of colours answer with text that a program chose or can guess: they stay without an answer. */
function refuseReplies({ parser }: Terminal): void {
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true);
  const asks = (data: string) => data.split(";").includes("?");
  for (const code of [4, 10, 11, 12]) parser.registerOscHandler(code, asks);
  // OSC 52 is the clipboard.
  parser.registerOscHandler(52, () => true);
}

/**
 * What a program asks for (its kind, the cursor's place, modes) is answered by xterm as input. With several windows on one
 * terminal only the one that a person is at answers, or the program would take the other answers for keys.
 */
function answerOnce({ parser }: Terminal): void {
  const isElsewhere = () => !document.hasFocus();
  for (const prefix of ["", ">", "=", "?"])
    for (const final of ["c", "n"]) parser.registerCsiHandler({ prefix, final }, isElsewhere);
  parser.registerCsiHandler({ prefix: ">", final: "q" }, isElsewhere);
  for (const prefix of ["", "?"]) parser.registerCsiHandler({ prefix, intermediates: "$", final: "p" }, isElsewhere);
}

/** WebGL is quicker; where there is none, or the browser takes it away, the page itself draws. */
function drawQuickly(terminal: Terminal): void {
  try {
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => webgl.dispose());
    terminal.loadAddon(webgl);
  } catch {
    // No WebGL here.
  }
}

/** Copies, or leaves a key to the browser; true for what is xterm's and the program's. */
function takesKey(terminal: Terminal, event: KeyboardEvent): boolean {
  const hasSelection = terminal.hasSelection();
  const meant = clipboardKey(event, { isWindows: isWindows(navigator), hasSelection });
  if (meant === "copy" && event.type === "keydown") {
    event.preventDefault();
    if (hasSelection) void navigator.clipboard.writeText(terminal.getSelection());
    // As Windows has it: the next Ctrl-C is the program's again.
    if (!event.shiftKey) terminal.clearSelection();
  }
  return meant === null;
}

const isWebAddress = (address: string): boolean => /^https?:\/\//i.test(address);

/** Puts a terminal into `box`. */
export function makeScreen(box: HTMLElement, { fontSize, onType, onLink }: ScreenOptions): Screen {
  const openLink = (_event: unknown, address: string) => isWebAddress(address) && onLink(address);
  const terminal = new Terminal({
    fontSize,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    scrollback: 5000,
    allowProposedApi: true,
    cursorBlink: false,
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    theme: theme(),
    linkHandler: { activate: openLink, allowNonHttpProtocols: false },
  });
  const [fit, search] = [new FitAddon(), new SearchAddon()];
  for (const addon of [fit, search, new WebLinksAddon(openLink), new UnicodeGraphemesAddon()])
    terminal.loadAddon(addon);
  refuseReplies(terminal);
  answerOnce(terminal);
  terminal.open(box);
  drawQuickly(terminal);
  terminal.attachCustomKeyEventHandler((event) => takesKey(terminal, event));
  let isReplaying = false;
  terminal.onData((data) => !isReplaying && onType(encoder.encode(data)));
  terminal.onBinary((data) => !isReplaying && onType(Uint8Array.from(data, (letter) => letter.charCodeAt(0))));
  return {
    terminal,
    search,
    fit: () => {
      fit.fit();
      return { cols: terminal.cols, rows: terminal.rows };
    },
    write: (bytes, drawn) => terminal.write(bytes, drawn),
    redraw: (text, size, drawn) => {
      isReplaying = true;
      terminal.reset();
      terminal.resize(size.cols, size.rows);
      terminal.write(text, () => {
        isReplaying = false;
        drawn();
      });
    },
    setTheme: () => {
      terminal.options.theme = theme();
    },
    dispose: () => terminal.dispose(),
  };
}
