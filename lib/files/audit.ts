// What is kept of what people do with files: who, when, which path. Never content.
import type { PersonActor } from "@/lib/actor";
import { type NewEvent, recordEvent } from "@/lib/audit/record-event";
import { transaction } from "@/lib/db";
import { displayPath } from "@/lib/files/rules";
import { once } from "@/lib/once";

const AGAIN_MS = 600_000;
const MAX_KNOWN = 20_000;
const PATHS_NAMED = 20;

type FileEvent = { action: `file.${string}`; cluster: string; paths: string[]; data?: NewEvent["data"] };

/** Records one event for what was done to `paths`; of many the first are named. */
export async function recordFileEvent(actor: PersonActor, event: FileEvent): Promise<void> {
  const { action, cluster, paths, data } = event;
  const subject = { kind: "file", id: `${cluster}:${displayPath(paths[0] ?? "")}`.slice(0, 1000) };
  const names = paths.slice(0, PATHS_NAMED).map((path) => displayPath(path).slice(0, 1000));
  const all = { cluster, paths: names, count: paths.length, ...data };
  await transaction((tx) => recordEvent(tx, { actor, action, subject, ownerId: actor.userId, data: all }));
}

/** As recordFileEvent, at most once in ten minutes: a log that is followed is read every second. */
export async function recordReading(actor: PersonActor, event: FileEvent): Promise<void> {
  const told = once("files.readings", () => new Map<string, number>());
  const key = JSON.stringify([actor.userId, event.action, event.cluster, event.paths]);
  if (Date.now() - (told.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
  await recordFileEvent(actor, event);
  // Only now: what could not be recorded must be the next time.
  if (told.size > MAX_KNOWN) told.clear();
  told.set(key, Date.now());
}
