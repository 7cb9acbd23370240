// A browser's event stream without a browser: one connection a person, over node:http with an agent of its own, so that
// five hundred of them cost this process little.
import { Agent, type IncomingMessage, request } from "node:http";
import { api } from "@/lib/paths";

export type Stream = {
  /** Milliseconds until the server answered. */
  openedMs: number;
  isOpen: () => boolean;
  close: () => void;
};

type Wanted = {
  port: number;
  host: string;
  headers: Record<string, string>;
  onEvent?: (name: string, data: string) => void;
};

const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

function readEvents(answer: IncomingMessage, onEvent: NonNullable<Wanted["onEvent"]>): void {
  let text = "";
  answer.setEncoding("utf8").on("data", (chunk: string) => {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      if (name) onEvent(name, /^data: (.*)$/m.exec(block)?.[1] ?? "");
    }
  });
}

/** Opens a stream; throws when the server refuses. */
export function openStream({ port, host, headers, onEvent }: Wanted): Promise<Stream> {
  const { promise, resolve, reject } = Promise.withResolvers<Stream>();
  const startedAt = performance.now();
  const all = { ...headers, host, accept: "text/event-stream" };
  const asked = request({ host: "127.0.0.1", port, path: api.events(), headers: all, agent }, (answer) => {
    if (answer.statusCode !== 200) {
      answer.resume();
      return reject(new Error(`the event stream answered ${answer.statusCode}`));
    }
    let isOpen = true;
    answer.on("close", () => {
      isOpen = false;
    });
    answer.on("error", () => {});
    if (onEvent) readEvents(answer, onEvent);
    else answer.resume();
    resolve({ openedMs: performance.now() - startedAt, isOpen: () => isOpen, close: () => asked.destroy() });
  });
  asked.on("error", reject);
  asked.end();
  return promise;
}
