// xterm.js, set up for a shell that is not trusted: replies that could carry text of the program's choice are not given, the
// clipboard is not the program's, links need a second thought. Loaded only on the terminal's page.
import "@/components/terminals/no-node";
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { type ITheme, Terminal } from "@xterm/xterm";
import { listenTo } from "@/components/terminals/answers";
import { clipboardKey } from "@/components/terminals/clipboard-keys";
import { isLeaveKey } from "@/components/terminals/leave-key";
import { type PageColours, palette } from "@/components/terminals/palette";
import { aloud, optionIsMeta } from "@/components/terminals/switches";
import { scrollByTouch } from "@/components/terminals/touch-scroll";
import { isWindows } from "@/components/ui/platform";
import type { ScreenSize } from "@/lib/terminals/schema";

export type ScreenOptions = {
  fontSize: number;
  /** Lines above the screen that the portal gives back. */
  scrollback: number;
  /** Id of what says how to leave it. */
  describedBy: string;
  onType: (bytes: Uint8Array) => void;
  onLink: (address: string) => void;
  /** The keyboard is to go on elsewhere in the page. */
  onLeave: () => void;
};

export type Screen = {
  terminal: Terminal;
  search: SearchAddon;
  /** Fills its box; answers the size in characters. */
  fit: () => ScreenSize;
  write: (bytes: Uint8Array, drawn: () => void) => void;
  /** Clears everything and draws `text`; whatever it asks stays without an answer. */
  redraw: (text: string, size: ScreenSize, drawn: () => void) => void;
  /** Whether the cluster answers what programs ask, so that this screen does not. */
  setAnswered: (on: boolean) => void;
  /** Another size than that of its box, because another window has it. */
  resize: (size: ScreenSize) => void;
  setTheme: () => void;
  dispose: () => void;
};

/** Lines above the screen that a page keeps as they come, also where the portal gives back fewer. */
const LEAST_SCROLLBACK = 5000;

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
  const names = ["panel", "ink", "accent", "bad", "ok", "wait", "info"] as const;
  // Each name is there.
  return palette(Object.fromEntries(names.map((name) => [name, colour(name)])) as PageColours);
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
function takesKey(terminal: Terminal, event: KeyboardEvent, onLeave: () => void): boolean {
  if (isLeaveKey(event)) {
    event.preventDefault();
    if (event.type === "keydown") onLeave();
    return false;
  }
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
export function makeScreen(
  box: HTMLElement,
  { fontSize, scrollback, describedBy, onType, onLink, onLeave }: ScreenOptions,
): Screen {
  // xterm.js calls this for each button, and after a drag that selected a part of the address.
  const openLink = ({ button }: MouseEvent, address: string) =>
    button === 0 && !terminal.hasSelection() && isWebAddress(address) && onLink(address);
  const terminal = new Terminal({
    fontSize,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    scrollback: Math.max(LEAST_SCROLLBACK, scrollback),
    allowProposedApi: true,
    cursorBlink: false,
    macOptionIsMeta: optionIsMeta.isOn(),
    minimumContrastRatio: 4.5,
    screenReaderMode: aloud.isOn(),
    theme: theme(),
    linkHandler: { activate: openLink, allowNonHttpProtocols: false },
  });
  const [fit, search] = [new FitAddon(), new SearchAddon()];
  for (const addon of [fit, search, new WebLinksAddon(openLink), new UnicodeGraphemesAddon()])
    terminal.loadAddon(addon);
  const answers = listenTo(terminal, {
    isHere: () => document.hasFocus(),
    onType: (data) => onType(encoder.encode(data)),
  });
  // Some reports of the mouse: bytes that are no characters.
  terminal.onBinary((data) => onType(Uint8Array.from(data, (letter) => letter.charCodeAt(0))));
  /** In its turn: what was written before is drawn before. */
  const after = (then: () => void) => terminal.write("", then);
  terminal.open(box);
  terminal.textarea?.setAttribute("aria-describedby", describedBy);
  drawQuickly(terminal);
  scrollByTouch(terminal);
  terminal.attachCustomKeyEventHandler((event) => takesKey(terminal, event, onLeave));
  return {
    terminal,
    search,
    fit: () => {
      fit.fit();
      return { cols: terminal.cols, rows: terminal.rows };
    },
    write: (bytes, drawn) => terminal.write(bytes, drawn),
    redraw: (text, size, drawn) => {
      after(() => {
        answers.setReplaying(true);
        terminal.reset();
        terminal.resize(size.cols, size.rows);
      });
      terminal.write(text, () => {
        answers.setReplaying(false);
        drawn();
      });
    },
    setAnswered: answers.setAnswered,
    resize: ({ cols, rows }) => after(() => terminal.resize(cols, rows)),
    setTheme: () => {
      terminal.options.theme = theme();
    },
    dispose: () => terminal.dispose(),
  };
}
