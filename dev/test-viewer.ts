// Viewers of terminals for tests: the browser's own link with a screen that nobody sees.
import "@/dev/unpooled-buffers";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import headless from "@xterm/headless";
import { expect } from "vitest";
import { type Link, type LinkOptions, type LinkStatus, openLink } from "@/components/terminals/link";

type SocketOptions = { headers: Record<string, string> };
// Node's own WebSocket takes headers beside the address; the type is the browser's, which does not.
const NodeSocket = WebSocket as unknown as new (url: string, options: SocketOptions) => WebSocket;

export const socketWith = (url: string, headers: Record<string, string>): WebSocket => new NodeSocket(url, { headers });

export type TestViewer = {
  link: Link;
  status: () => LinkStatus;
  /** Everything that came as output, in order; starts anew where the screen was redrawn. */
  output: () => string;
  received: () => number;
  redraws: () => number;
  /** How often it was told that it is not open and will be again. */
  waits: () => number;
  /** Columns and rows of the screen. */
  size: () => string;
  /** What is on the screen and above it. */
  screen: () => Promise<string>;
  type: (text: string) => void;
  /** Cuts the connection as a dropped network does; the link comes back by itself. */
  drop: () => void;
  /** From now on nothing is drawn, so nothing is acknowledged. */
  stall: () => void;
  close: () => void;
};

type Viewing = Pick<LinkOptions, "socket" | "ticket"> & Partial<Pick<LinkOptions, "size">>;

export function viewTerminal({ socket, ticket, size = { cols: 80, rows: 24 } }: Viewing): TestViewer {
  const terminal = new headless.Terminal({ ...size, scrollback: 5000, allowProposedApi: true });
  // The page's widths. Add-ons are written against the terminal of browsers.
  terminal.loadAddon(new UnicodeGraphemesAddon() as unknown as Parameters<typeof terminal.loadAddon>[0]);
  const text = new TextDecoder();
  const seen = { output: "", received: 0, redraws: 0, waits: 0, isStalled: false };
  let status: LinkStatus = { kind: "connecting" };
  let connection: WebSocket | null = null;
  const link = openLink({
    socket: () => {
      connection = socket();
      return connection;
    },
    ticket,
    size,
    onOutput: (bytes, drawn) => {
      seen.output += text.decode(bytes, { stream: true });
      seen.received += bytes.length;
      if (!seen.isStalled) terminal.write(bytes, drawn);
    },
    onScreen: (screen, to, drawn) => {
      seen.redraws += 1;
      seen.output = "";
      terminal.reset();
      terminal.resize(to.cols, to.rows);
      terminal.write(screen, drawn);
    },
    onSize: (to) => terminal.resize(to.cols, to.rows),
    onStatus: (now) => {
      status = now;
      if (now.kind === "waiting") seen.waits += 1;
    },
    onLost: () => {},
  });
  const screen = async () => {
    await new Promise<void>((done) => terminal.write("", done));
    const { active } = terminal.buffer;
    const lines = Array.from(
      { length: active.length },
      (_none, at) => active.getLine(at)?.translateToString(true) ?? "",
    );
    return lines.join("\n").trimEnd();
  };
  return {
    link,
    status: () => status,
    output: () => seen.output,
    received: () => seen.received,
    redraws: () => seen.redraws,
    waits: () => seen.waits,
    size: () => `${terminal.cols}x${terminal.rows}`,
    screen,
    type: (keys) => link.type(new TextEncoder().encode(keys)),
    drop: () => connection?.close(4000),
    stall: () => {
      seen.isStalled = true;
    },
    close: () => link.close(),
  };
}

export const shows = (viewer: TestViewer, text: string | RegExp) =>
  expect.poll(() => viewer.screen(), { timeout: 20_000 }).toMatch(text);
export const isOpen = (viewer: TestViewer) =>
  expect.poll(viewer.status, { timeout: 20_000 }).toMatchObject({ kind: "open" });
