// Actions on files: making, renaming, moving, copying, deleting, permissions, the trash. Each path has its own outcome, and long
// ones say how far they are; when nobody listens any more, they end.
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { PersonActor } from "@/lib/actor";
import { config } from "@/lib/config";
import { PortalError } from "@/lib/errors";
import * as scripts from "@/lib/files/action-scripts";
import { recordFileEvent } from "@/lib/files/audit";
import { copyAcross } from "@/lib/files/copy-across";
import { EXTRACT, PYTHON, TOO_MUCH } from "@/lib/files/extract-script";
import { records } from "@/lib/files/fields";
import { nameFault } from "@/lib/files/names/schema";
import {
  ask,
  type FilePlace,
  failedLine,
  filePlace,
  leftOut,
  pathBytes,
  scriptFault,
  start,
  type Word,
} from "@/lib/files/place";
import {
  archiveBase,
  displayPath,
  displayText,
  encodePath,
  joinPath,
  needsConfirmation,
  splitPath,
} from "@/lib/files/rules";
import type { ActionLine, FileAction } from "@/lib/files/schema";
import { exits, word } from "@/lib/files/script";
import * as trashScripts from "@/lib/files/trash-scripts";

const NOT_TRASHABLE = 30;
const NO_TRASH_ROOM = 39;
const PARTLY = 40;
/** The names of a hundred thousand things in the trash. */
const TRASH_BYTES = 4 * 2 ** 20;

const NOT_DELETED = "This could not be deleted.";
const NOT_SET = "These permissions could not be set.";

/** What is run, and on what: `lines` are what the script reads, `names` what its outcomes are called. */
type Plan = { script: string; args: Word[]; names: string[]; lines: string[]; afterwards?: () => Promise<unknown> } & {
  /** What is said of something within, that was left as it was. */
  left?: string;
};
type Of<Name extends FileAction["action"]> = Extract<FileAction, { action: Name }>;

function lineOf(path: string): string {
  const { folder, name } = splitPath(path);
  if (/^\.{0,2}$/.test(displayPath(name))) throw new PortalError("invalid", "This stands for a folder itself.");
  return `${word(pathBytes(folder))} ${word(pathBytes(name))}\n`;
}

const yes = (said: boolean): string => (said ? "yes" : "no");
const onPaths = (paths: string[], script: string, args: Word[] = []): Plan => {
  return { script, args, names: paths, lines: paths.map(lineOf) };
};
const onIds = (ids: string[], script: string): Plan => ({
  script,
  args: [],
  names: ids,
  lines: ids.map((id) => `${id} .\n`),
});

/** A new name must be one, and said twice when programs might read it on their own. */
function checkNew(name: string, confirm: boolean): void {
  const fault = nameFault(name);
  if (fault) throw new PortalError("invalid", fault);
  checkHidden(name, confirm);
}

function checkHidden(name: string, confirm: boolean): void {
  if (needsConfirmation(name) && !confirm) {
    throw new PortalError(
      "denied",
      `${displayPath(name)} begins with a dot: programs may read it on their own. Confirm it.`,
    );
  }
}

function planMaking({ action, path, confirm }: Of<"folder" | "file">): Plan {
  checkNew(splitPath(path).name, confirm);
  return onPaths([path], action === "folder" ? scripts.FOLDER : scripts.EMPTY_FILE, [yes(confirm)]);
}

function planRenaming({ path, name, overwrite, confirm }: Of<"rename">): Plan {
  checkNew(name, confirm);
  return onPaths([path], scripts.RENAME, [pathBytes(name), yes(overwrite), yes(confirm)]);
}

function planPlacing({ action, paths, to, overwrite, confirm }: Of<"copy" | "move">, place: FilePlace): Plan {
  const id = randomBytes(8).toString("hex");
  const script = action === "copy" ? scripts.COPY : scripts.MOVE;
  const afterwards = () => ask(place, { script: scripts.UNCOPY, args: [pathBytes(to), id], timeoutSeconds: 600 });
  return { ...onPaths(paths, script, [pathBytes(to), yes(overwrite), id, yes(confirm)]), afterwards };
}

/** Into a new folder that is called like the archive, with a number where that name is taken. */
function planExtracting({ path, to, confirm }: Of<"extract">, place: FilePlace): Plan {
  const { folder, name } = splitPath(path);
  const base = archiveBase(name);
  if (!base) throw new PortalError("invalid", "Only zip and tar archives can be unpacked.");
  checkHidden(base, confirm);
  const { maxExtractGiB, maxExtractRatio } = config().files;
  const id = randomBytes(8).toString("hex");
  const into = pathBytes(to ?? folder);
  const most = Math.floor(maxExtractGiB * 1024 ** 3);
  const args = [into, pathBytes(base), id, most, maxExtractRatio, PYTHON, yes(confirm)];
  const afterwards = () => ask(place, { script: scripts.UNCOPY, args: [into, id], timeoutSeconds: 600 });
  return { ...onPaths([path], EXTRACT, args), afterwards };
}

function planDeleting({ paths, permanent }: Of<"delete">): Plan {
  if (permanent) return { ...onPaths(paths, scripts.DELETE), left: NOT_DELETED };
  // Whoever meant the trash must not lose it for good.
  if (!config().files.trash)
    throw new PortalError("denied", "There is no trash here: it can only be deleted for good, which must be said.");
  return onPaths(paths, trashScripts.TRASH, [randomBytes(6).toString("hex")]);
}

async function planEmptying({ items }: Of<"empty-trash">, place: FilePlace): Promise<Plan> {
  return { ...onIds(items ?? (await trashIds(place)), trashScripts.EMPTY_TRASH), left: NOT_DELETED };
}

async function trashIds(place: FilePlace): Promise<string[]> {
  const script = 'cd -- "$HOME/.berth/trash" 2>/dev/null || exit 0; ls';
  const names = (await ask(place, { script, args: [], maxBytes: TRASH_BYTES })).toString("latin1").split("\n");
  return names.filter((name) => /^[0-9a-f-]{1,60}$/.test(name));
}

async function planOf(wish: FileAction, place: FilePlace): Promise<Plan> {
  switch (wish.action) {
    case "folder":
    case "file":
      return planMaking(wish);
    case "rename":
      return planRenaming(wish);
    case "move":
    case "copy":
      return planPlacing(wish, place);
    case "delete":
      return planDeleting(wish);
    case "mode":
      return { ...onPaths(wish.paths, scripts.MODE, [wish.mode, yes(wish.recursive)]), left: NOT_SET };
    case "restore":
      return onIds(wish.items, trashScripts.RESTORE);
    case "empty-trash":
      return planEmptying(wish, place);
    case "extract":
      return planExtracting(wish, place);
  }
}

function faultOf(code: number, words: Buffer): PortalError {
  if (code === NOT_TRASHABLE)
    return new PortalError("denied", "It is on another file system than the trash: it can only be deleted for good.");
  if (code === NO_TRASH_ROOM)
    return new PortalError("denied", "There is no room for the trash: delete it for good instead.", {
      words: displayText(words.subarray(0, 500)),
    });
  if (code === PARTLY)
    return new PortalError(
      scriptFault(exits.failed, words).code,
      "Not all of it could be done: what is left is named.",
    );
  if (code === TOO_MUCH)
    return new PortalError("denied", "It unpacks to more than is allowed: nothing of it was kept.");
  return scriptFault(code, words);
}

/** What the script says of its items, as lines of the answer. */
async function* outcomes(plan: Plan, source: AsyncIterable<Buffer>): AsyncGenerator<ActionLine> {
  const places = new Map<number, string>();
  for await (const [kind, index, value, more] of asText(source)) {
    const path = plan.names[index];
    // Outcomes of nothing that was asked are no words of the script.
    if (path === undefined) continue;
    if (kind === "o") places.set(index, encodePath(value));
    else if (kind === "p")
      yield { kind: "progress", path, bytes: Number(value), totalBytes: Number(more) || null, files: 0 };
    else if (kind === "n") yield { kind: "progress", path, bytes: 0, totalBytes: null, files: Number(value) };
    else if (kind === "w") yield failedLine(path, leftOut(more, plan.left));
    else if (kind === "x")
      yield failedLine(joinPath(path, encodePath(value)), new PortalError("denied", displayText(more)));
    else if (Number(value) === 0) yield { kind: "done", path, to: places.get(index) ?? null };
    else yield failedLine(path, faultOf(Number(value), more));
  }
}

/** Of a path and of words, which are cut shorter still. */
const longestValue = 8192;

async function* asText(source: AsyncIterable<Buffer>): AsyncGenerator<[string, number, Buffer, Buffer]> {
  for await (const fields of records(source, { first: 4, others: 4 })) {
    const [kind, index, value, more] = fields.map((field) => field.subarray(0, longestValue));
    yield [String(kind), Number(index), value ?? Buffer.alloc(0), more ?? Buffer.alloc(0)];
  }
}

async function* run(place: FilePlace, plan: Plan, signal: AbortSignal): AsyncGenerator<ActionLine> {
  const { script, args, lines } = plan;
  const stdin = Readable.from(lines.map((line) => Buffer.from(line)));
  let isOver = false;
  try {
    const running = await start(place, { script, args, stdin, signal });
    yield* outcomes(plan, running.stdout);
    const { code, stderr } = await running.exit;
    isOver = true;
    if (code !== 0) throw scriptFault(code, stderr);
  } finally {
    if (!isOver) await plan.afterwards?.().catch(() => {});
  }
}

async function* linesFor(actor: PersonActor, wish: FileAction, signal: AbortSignal): AsyncGenerator<ActionLine> {
  const place = await filePlace(actor, wish.cluster);
  if (wish.action === "copy" || wish.action === "move")
    for (const path of wish.paths) checkHidden(splitPath(path).name, wish.confirm);
  if (wish.action === "copy" && wish.toCluster && wish.toCluster !== wish.cluster) {
    const there = await filePlace(actor, wish.toCluster);
    await record(actor, wish, wish.paths);
    const { paths, to, overwrite, confirm } = wish;
    return yield* copyAcross({ from: place, there, paths, to, overwrite, confirm, signal });
  }
  const plan = await planOf(wish, place);
  await record(actor, wish, plan.names);
  yield* run(place, plan, signal);
}

/** Before it is done: what is not in the audit did not happen. */
async function record(actor: PersonActor, wish: FileAction, paths: string[]): Promise<void> {
  const to = "to" in wish && wish.to ? displayPath(wish.to) : undefined;
  const name = "name" in wish ? displayPath(wish.name) : undefined;
  const said = {
    ...{ to, name, toCluster: "toCluster" in wish ? wish.toCluster : undefined },
    ...{ permanent: "permanent" in wish ? wish.permanent : undefined, mode: "mode" in wish ? wish.mode : undefined },
  };
  await recordFileEvent(actor, { action: `file.${wish.action}`, cluster: wish.cluster, paths, data: said });
}

/** Does what is wished, path by path. */
export async function* actOnFiles(
  actor: PersonActor,
  wish: FileAction,
  signal: AbortSignal,
): AsyncGenerator<ActionLine> {
  const count = { done: 0, failed: 0 };
  for await (const line of linesFor(actor, wish, signal)) {
    if (line.kind === "done" || line.kind === "failed") count[line.kind] += 1;
    yield line;
  }
  yield { kind: "end", ...count };
}
