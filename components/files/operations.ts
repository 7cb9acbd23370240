// What this tab has the portal do with files: each operation streams its progress, can be cancelled, and keeps what failed.
// Lives beside the pages, so that going to another folder does not end it.
import { fetchApi } from "@/components/api";
import { linesOf } from "@/components/files/lines";
import { endsBy, stayHere } from "@/components/files/stay-here";
import type { ActionLine, FileAction } from "@/lib/files/schema";
import { api } from "@/lib/paths";

/** `words`: what the program on the cluster said, verbatim. */
export type Failure = { path: string; code: string; detail: string; words: string | null };
export type Operation = {
  id: number;
  action: FileAction;
  count: number;
  state: "running" | "done" | "cancelled" | "broken";
  /** What it is at now. */
  path: string | null;
  files: number;
  bytes: number;
  totalBytes: number | null;
  done: { path: string; to: string | null }[];
  failures: Failure[];
  /** When it stopped for good without any answer. */
  error: Error | null;
  startedAt: number;
};

/** As many paths as the API takes at once. */
const mostPaths = 1000;

let operations: readonly Operation[] = [];
let lastId = 0;
const followers = new Set<() => void>();
const leaving = new Map<number, AbortController>();
let isDue = false;
let ended = 0;

function changed(): void {
  // Progress comes faster than anybody reads.
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    for (const follower of followers) follower();
  }, 60);
}

/** For useSyncExternalStore. */
export const operationStore = {
  all: () => operations,
  /** How many have ended in this tab. */
  ended: () => ended,
  follow: (follower: () => void) => {
    followers.add(follower);
    return () => void followers.delete(follower);
  },
};

function update(id: number, change: (operation: Operation) => Partial<Operation>): Operation | undefined {
  operations = operations.map((one) => (one.id === id ? { ...one, ...change(one) } : one));
  changed();
  return operations.find((one) => one.id === id);
}

/** Takes it off the list. */
export function dismiss(id: number): void {
  operations = operations.filter((one) => one.id !== id);
  changed();
}

export const cancel = (id: number): void => leaving.get(id)?.abort();
endsBy("operations", () => {
  for (const controller of leaving.values()) controller.abort();
});

const failureOf = ({ path, code, detail, words }: Extract<ActionLine, { kind: "failed" }>): Failure => ({
  ...{ path, code, detail, words: words ?? null },
});

const hear = (id: number, line: ActionLine) =>
  update(id, (operation) => {
    switch (line.kind) {
      case "progress":
        return { path: line.path, files: line.files, bytes: line.bytes, totalBytes: line.totalBytes };
      case "done":
        return { done: [...operation.done, { path: line.path, to: line.to }] };
      case "failed":
        return { failures: [...operation.failures, failureOf(line)] };
      case "end":
        return {};
    }
  });

async function ask(id: number, action: FileAction, signal: AbortSignal): Promise<"ended" | "broken"> {
  const response = await fetchApi(api.fileActions(), { method: "POST", body: action, signal });
  for await (const line of linesOf<ActionLine>(response)) {
    hear(id, line);
    if (line.kind === "end") return "ended";
  }
  return "broken";
}

/** The same action in portions that the API takes. */
function portions(action: FileAction): FileAction[] {
  const key = "paths" in action ? "paths" : "items";
  // One of the two, where the action has either: "empty-trash" without items is of all.
  const all = (action as { paths?: string[]; items?: string[] })[key] ?? [];
  if (all.length <= mostPaths) return [action];
  const count = Math.ceil(all.length / mostPaths);
  return Array.from({ length: count }, (_, at) => ({
    ...action,
    [key]: all.slice(at * mostPaths, (at + 1) * mostPaths),
  }));
}

/** What the trash calls what was moved there: the folder that each is in now. */
export const trashIds = (done: Operation["done"]): string[] => done.flatMap(({ to }) => to?.split("/").at(-2) ?? []);

/** What the trash cannot take, for want of room or because it is on another file system: it can be deleted for good. */
export const untrashable = ({
  action,
  state,
  failures,
}: Pick<Operation, "action" | "state" | "failures">): Failure[] =>
  state !== "running" && action.action === "delete" && !action.permanent
    ? failures.filter(({ code }) => code === "denied")
    : [];

const countOf = (action: FileAction): number =>
  "paths" in action ? action.paths.length : "items" in action ? (action.items?.length ?? 0) : 1;

/** Does `action` to its end; what came of it. Never throws: what went wrong is in the operation. */
export async function operate(action: FileAction): Promise<Operation> {
  lastId += 1;
  const id = lastId;
  const controller = new AbortController();
  leaving.set(id, controller);
  stayHere("operations", true);
  const fresh: Operation = {
    ...{ id, action, count: countOf(action), state: "running", path: null, files: 0, bytes: 0, totalBytes: null },
    ...{ done: [], failures: [], error: null, startedAt: Date.now() },
  };
  operations = [...operations, fresh];
  changed();
  let state: Operation["state"] = "done";
  let error: Error | null = null;
  try {
    for (const portion of portions(action))
      if ((await ask(id, portion, controller.signal)) === "broken") state = "broken";
  } catch (cause) {
    if (controller.signal.aborted) state = "cancelled";
    // Whatever was thrown by fetch or by the portal is an Error.
    else [state, error] = ["broken", cause as Error];
  }
  leaving.delete(id);
  stayHere("operations", leaving.size > 0);
  ended += 1;
  return update(id, () => ({ state, error })) ?? { ...fresh, state, error };
}
