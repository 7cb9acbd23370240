// An event stream as a browser keeps one, read as text so that a test sees ids and every event.
export type Heard = { id: string; name: string; data: string };

function parse(block: string): Heard | null {
  const field = (name: string): string => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1] ?? "";
  const name = field("event");
  return name ? { id: field("id"), name, data: field("data") } : null;
}

/** Opens /api/events; with `lastEventId` as a browser that returns. Throws when it is refused. */
export async function openStream(url: string, secret: string, lastEventId: string | null = null) {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${secret}`, ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
  const answer = await fetch(`${url}/api/events`, { headers, signal: stop.signal });
  if (answer.status !== 200 || !answer.body) throw new Error(`the event stream answered ${answer.status}`);
  const events: Heard[] = [];
  const read = async (body: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of body) {
      const blocks = (text + decoder.decode(chunk, { stream: true })).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) events.push(...[parse(block)].filter((event) => event !== null));
    }
  };
  // Ended by the portal or by us: a test waits for the one, and does not care for the other.
  const ended = read(answer.body).catch(() => {});
  return { events, ended, lastEventId: () => events.at(-1)?.id ?? null, close: () => stop.abort() };
}
