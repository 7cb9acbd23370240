// Writes one audited fact in the transaction that makes it true, so that there is never one without the other.
import type { Actor } from "@/lib/actor";
import { insertEvent } from "@/lib/audit/store";
import type { Tx } from "@/lib/db";

/** What an event's data may hold. Undefined members are left out. */
export type EventValue = string | number | boolean | null | undefined | EventValue[] | { [name: string]: EventValue };

export type NewEvent = {
  actor: Actor;
  /** `noun.verb`, in the past: "session.stopped". */
  action: string;
  subject: { kind: string; id: string };
  /** Whose the subject is: that person may see the event. */
  ownerId?: string;
  data?: { [name: string]: EventValue };
};

type StoredValue = string | number | boolean | null | StoredValue[] | { [name: string]: StoredValue };

/** Longer than any path or name. What is longer is somebody's way to fill a table that nothing is removed from. */
const longest = 4096;

/** Control characters, line separators and broken Unicode as visible \uXXXX, so that no text can forge a line or move a cursor. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const storedText = (text: string): string => visible(text.length > longest ? `${text.slice(0, longest)}…` : text);

function stored(value: EventValue): StoredValue {
  if (typeof value === "string") return storedText(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value === "object") return storedMembers(value);
  return value;
}

function storedMembers(value: { [name: string]: EventValue }): { [name: string]: StoredValue } {
  const known = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(known.map(([name, inner]) => [storedText(name), stored(inner)]));
}

/** Records `event` as part of `tx`. */
export async function recordEvent(tx: Tx, event: NewEvent): Promise<void> {
  const { actor, subject } = event;
  // The same id is in the key id of every certificate, so that an event here and a line of sshd's log can be joined. It is
  // not a secret: nobody gets in with it.
  const data =
    actor.kind === "system" ? event.data : { ...event.data, [actor.kind === "token" ? "token" : "login"]: actor.via };
  await insertEvent(tx, {
    actorKind: actor.kind,
    actorId: actor.kind === "system" ? null : actor.userId,
    action: event.action,
    subjectKind: subject.kind,
    subjectId: storedText(subject.id),
    ownerId: event.ownerId ?? null,
    data: data ? storedMembers(data) : undefined,
  });
}
