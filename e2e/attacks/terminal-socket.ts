// A terminal's socket without a page: what an attack sends as its first message, in what frames, and what it hears.
import { expect, vi } from "vitest";
import WebSocket from "ws";
import type { TestBrowser } from "@/dev/test-browser";
import type { Api } from "@/e2e/api";
import { cookieHeader, inDatabase, siteUnderTest } from "@/e2e/attacks/site";
import { api as paths } from "@/lib/paths";
import type { TerminalView, ToViewer } from "@/lib/terminals/schema";

export const newTerminal = async (api: Api): Promise<string> =>
  (await api.must<TerminalView>(paths.terminals(), { method: "POST", body: { cluster: "hpc" } })).id;

/** A terminal without tmux, which would take most of what is printed for itself. */
export async function plainTerminal(api: Api): Promise<string> {
  const made = await newTerminal(api);
  await inDatabase(`update "Terminal" set "heldBy" = 'portal' where id = $1`, [made]);
  return made;
}

export const endTerminal = (api: Api, id: string) => api.ask(paths.endTerminal(id), { method: "POST" });

export const ticketFor = async (api: Api, id: string): Promise<string> =>
  (await api.must<{ ticket: string }>(paths.terminalTicket(id), { method: "POST" })).ticket;

/** What a browser with this login sends along. */
export const asPage = (browser: TestBrowser) => ({ cookie: cookieHeader(browser), origin: siteUnderTest().url });
export const asScript = ({ secret }: Api) => ({ authorization: `Bearer ${secret}` });

export type OpenSocket = {
  ws: WebSocket;
  /** The close code. */
  closed: Promise<number>;
  told: ToViewer[];
  output: () => string;
  bytes: () => number;
  type: (text: string) => void;
  /** Stops reading: nothing is acknowledged, and what comes stays in the kernel. */
  stall: () => void;
};

/** Opens a socket and says nothing yet; rejects when the upgrade is refused. */
export async function openSocket(id: string, headers: Record<string, string>): Promise<OpenSocket> {
  const { port, url } = siteUnderTest();
  const address = `ws://127.0.0.1:${port}${paths.terminalSocket(id)}`;
  const ws = new WebSocket(address, { headers: { ...headers, host: new URL(url).host }, perMessageDeflate: false });
  const [told, chunks]: [ToViewer[], Buffer[]] = [[], []];
  let [bytes, typed, seq] = [0, 0, 0];
  ws.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) {
      // The portal's own words.
      const message = JSON.parse(data.toString()) as ToViewer;
      if ("seq" in message) seq = message.seq;
      return void told.push(message);
    }
    seq += data.length;
    bytes += data.length;
    chunks.push(data);
    if (chunks.length > 200) chunks.shift();
    ws.send(JSON.stringify({ type: "drawn", seq }));
  });
  const closed = new Promise<number>((resolve) => {
    ws.on("error", () => {});
    ws.once("close", (code) => resolve(code));
  });
  await new Promise<void>((resolve, reject) => {
    ws.once("open", resolve).once("error", reject);
  });
  const ping = setInterval(() => ws.send('{"type":"ping"}'), 15_000).unref();
  void closed.then(() => clearInterval(ping));
  const type = (text: string) => {
    typed += 1;
    const frame = Buffer.alloc(4 + Buffer.byteLength(text));
    frame.writeUInt32BE(typed, 0);
    frame.write(text, 4);
    ws.send(frame);
  };
  const output = () => Buffer.concat(chunks).toString();
  return { ws, closed, told, output, bytes: () => bytes, type, stall: () => ws.pause() };
}

export const attachMessage = (ticket: string, more: object = {}) =>
  JSON.stringify({
    ...{ type: "attach", ticket, viewer: "0".repeat(32), after: null, epoch: null, cols: 80, rows: 24 },
    ...more,
  });

/** The shell's prompt, whatever tmux draws behind it. */
export const hasPrompt = (text: string): boolean => /[$>] ?$/m.test(text.replaceAll("\u001b", "\n"));

/** A socket that shows the terminal; its shell's prompt is there. */
export async function attached(api: Api, id: string, headers: Record<string, string> = asScript(api)) {
  const socket = await openSocket(id, headers);
  socket.ws.send(attachMessage(await ticketFor(api, id)));
  // What was there before comes as a drawing, the rest as output.
  const seen = () => [...socket.told.map((message) => ("screen" in message ? message.screen : "")), socket.output()];
  // Not expect.poll, which is for tests alone: hooks attach, too.
  await vi.waitFor(() => expect(seen().join("\n")).toSatisfy(hasPrompt), { timeout: 20_000 });
  return socket;
}
