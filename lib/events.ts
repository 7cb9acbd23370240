// Event streams of browsers: one hub per process, fed by the database's changes, tells every stream what its person may
// know changed. Names only: browsers refetch. A stream that fell behind, or comes back after a gap, is told to refetch all.
// That it ends with its login is for lib/gateway/cut-with-login.ts.
import { randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { type Change, listen } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { beatMs } from "@/lib/events/schema";
import { log } from "@/lib/log";
import { once } from "@/lib/once";

type Sent = { number: number; change: Change };
type Stream = { actor: PersonActor; tell: (text: string) => void; end: () => void };
type Hub = {
  /** Differs after every start: numbers of another epoch mean nothing here. */
  epoch: string;
  last: number;
  recent: Sent[];
  streams: Set<Stream>;
  listening: Promise<unknown> | null;
  timers: NodeJS.Timeout[];
};

const mostPerPerson = 20;
const mostRecent = 500;
const retryMs = 2_000;
/** What may wait in memory for a browser that does not read. */
const bufferBytes = 64 * 1024;

const hub = () =>
  once(
    "events.hub",
    (): Hub => ({
      epoch: randomBytes(6).toString("hex"),
      last: 0,
      recent: [],
      streams: new Set(),
      listening: null,
      timers: [],
    }),
  );

const event = (name: string, data: object, number: number): string =>
  `id: ${hub().epoch}-${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** The event for one person, or null when it is none of theirs. */
function eventFor(actor: PersonActor, { number, change }: Sent): string | null {
  switch (change.kind) {
    case "session":
    case "log":
    case "terminal":
      return change.ownerId === actor.userId ? event(change.kind, { id: change.id }, number) : null;
    case "cluster":
      return event("cluster", { name: change.name }, number);
    case "resync":
      return event("resync", {}, number);
    case "login":
    case "unreachable":
      return null;
  }
}

function spread(change: Change): void {
  const { recent, streams } = hub();
  hub().last += 1;
  const sent = { number: hub().last, change };
  recent.push(sent);
  if (recent.length > mostRecent) recent.shift();
  for (const stream of streams) {
    const text = eventFor(stream.actor, sent);
    if (text) stream.tell(text);
  }
}

async function start(): Promise<void> {
  await listen(spread);
  const { timers } = hub();
  const beat = () => {
    // An event and not a comment: scripts see no comments. Without a number: a returning browser names the last real one.
    for (const stream of hub().streams) stream.tell("event: beat\ndata: {}\n\n");
  };
  timers.push(setInterval(beat, beatMs).unref());
}

/** What a returning browser missed; one resync when that is not known any more. */
function missedSince(actor: PersonActor, lastEventId: string): string {
  const { epoch, recent, last } = hub();
  const [theirs, number] = lastEventId.split("-");
  const from = Number(number);
  const oldest = recent[0]?.number ?? last + 1;
  const known = theirs === epoch && Number.isInteger(from) && from <= last && from >= oldest - 1;
  if (!known) return event("resync", {}, last);
  return recent
    .filter((sent) => sent.number > from)
    .map((sent) => eventFor(actor, sent) ?? "")
    .join("");
}

function openStream(actor: PersonActor, lastEventId: string | null): ReadableStream<Uint8Array> {
  const { epoch, last, streams } = hub();
  const encoder = new TextEncoder();
  let behind = false;
  let stream: Stream;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const tell = (text: string) => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(text));
          else behind = true;
        };
        const end = () => {
          if (streams.delete(stream)) controller.close();
        };
        stream = { actor, tell, end };
        streams.add(stream);
        tell(`retry: ${retryMs}\n${event("hello", { epoch }, last)}`);
        if (lastEventId) tell(missedSince(actor, lastEventId));
      },
      pull: () => {
        if (!behind) return;
        behind = false;
        stream.tell(event("resync", {}, hub().last));
      },
      cancel: () => void streams.delete(stream),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferBytes }),
  );
}

/**
 * The answer to GET /api/events: text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * Throws `too_many` when the person has 20 open already.
 */
export async function eventStream(actor: PersonActor, lastEventId: string | null): Promise<Response> {
  const current = hub();
  current.listening ??= start().catch((error) => {
    current.listening = null;
    throw error;
  });
  await current.listening;
  const open = [...current.streams].filter((stream) => stream.actor.userId === actor.userId).length;
  if (open >= mostPerPerson) {
    throw new PortalError("too_many", "Too many event streams are open. Close some windows of the portal.", {
      retryAfterSeconds: 30,
    });
  }
  return new Response(openStream(actor, lastEventId), {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

/** Where a stream that opens now begins, as its `lastEventId`; null while this process listens to no events. */
export function eventPosition(): string | null {
  const { epoch, last, timers } = hub();
  return timers.length > 0 ? `${epoch}-${last}` : null;
}

/** How many streams are open in this process. */
export const openEventStreams = (): number => hub().streams.size;

/** Ends every stream; browsers come back to whichever process then serves. */
export function closeEventStreams(): void {
  const { streams, timers } = hub();
  for (const timer of timers.splice(0)) clearInterval(timer);
  log().debug({ streams: streams.size }, "events.closed");
  for (const stream of [...streams]) stream.end();
}
