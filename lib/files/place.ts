// Where one person's files on one cluster are: the account, the roots, and programs run there as that person.
import type { PersonActor } from "@/lib/actor";
import { unixAccountFor } from "@/lib/auth/unix-account";
import { cluster } from "@/lib/clusters/cluster";
import type { Reach, RunningProgram, RunOptions } from "@/lib/clusters/run";
import type { ClusterConfig } from "@/lib/config";
import { type ErrorCode, isPortalError, PortalError } from "@/lib/errors";
import { decodeBytes } from "@/lib/files/names/schema";
import { displayText } from "@/lib/files/rules";
import type { ActionLine } from "@/lib/files/schema";
import { exits, scriptArgv } from "@/lib/files/script";

export type FilePlace = { cluster: string; reach: Reach; user: string; roots: { title: string; path: string }[] };
export type Word = Uint8Array | string | number;

/** Roots of a cluster as configured, with the account filled in. Where sessions are is always within them. */
export function rootsOf(settings: ClusterConfig, user: string): FilePlace["roots"] {
  const { files, sessionPath, scratchPath } = settings;
  const forUser = (path: string) => path.replaceAll("{user}", user);
  const roots = [...(files.roots ?? [{ title: "Home", path: "~" }])];
  const sessions = `${forUser(sessionPath)}/`;
  // By the names alone: what is within a root only through a link is a root once more, which does no harm.
  const isWithin = roots.some(({ path }) => sessions.startsWith(`${forUser(path).replace(/\/+$/, "")}/`));
  if (!isWithin) roots.push({ title: "Sessions", path: sessionPath });
  if (scratchPath && !files.roots) roots.push({ title: "Scratch", path: scratchPath });
  return roots.map(({ title, path }) => ({ title, path: forUser(path) }));
}

/** The actor's files on `name`. Throws `not_found` for another cluster, `forbidden` without an account there. */
export async function filePlace(actor: PersonActor, name: string): Promise<FilePlace> {
  const { config, reach } = cluster(name, actor);
  const found = await unixAccountFor(actor, name, { run: reach.run });
  if ("missing" in found) throw new PortalError("forbidden", found.missing);
  return { cluster: name, reach, user: found.account, roots: rootsOf(config, found.account) };
}

/** An encoded path as bytes, for a script. */
export function pathBytes(encoded: string): Uint8Array {
  const bytes = decodeBytes(encoded);
  if (!bytes) throw new PortalError("invalid", "This path is not well formed.");
  return bytes;
}

const sentences: Record<number, [ErrorCode, string]> = {
  [exits.outside]: ["forbidden", "This is outside of the folders that the portal shows."],
  [exits.gone]: ["not_found", "There is no such file."],
  [exits.denied]: ["forbidden", "Your account has no permission for this."],
  [exits.exists]: ["conflict", "There is already something of that name."],
  [exits.special]: ["invalid", "This is no regular file, so it has no content to read."],
  [exits.noFolder]: ["invalid", "This is not a folder."],
  [exits.changed]: ["conflict", "The file was changed by somebody else meanwhile."],
  [exits.isFolder]: ["invalid", "This is a folder."],
  [exits.short]: ["invalid", "Not all of it came."],
  [exits.folderThere]: ["denied", "There is a folder of that name; folders are not replaced."],
  [exits.folderComes]: ["denied", "There is something of that name already; a folder takes the place of nothing."],
  [exits.intoItself]: ["invalid", "A folder cannot be put into itself."],
  [exits.slow]: ["cluster_timeout", "Some of the folders that the portal shows do not answer. Try again in a while."],
  [exits.deadLink]: [
    "denied",
    "There is a link of that name, and what it leads to is gone. Rename or delete the link, then try again.",
  ],
  [exits.unconfirmed]: ["denied", "This is a hidden folder: programs may read what is in it on their own. Confirm it."],
};

/** ENAMETOOLONG, EILSEQ, and EINVAL of what makes names: errno(3). */
const REFUSED_NAME = /File name too long|Invalid or incomplete multibyte|^(mv|mkdir): .*: Invalid argument$/;

/**
 * What a script's exit code means. Words of the cluster's own programs stay beside our sentence. `conflict` is only what can be
 * replaced or was changed meanwhile: a client may offer to overwrite it.
 */
export function scriptFault(code: number, stderr: Uint8Array): PortalError {
  const words = displayText(stderr.subarray(0, 500)).replaceAll("␊", " ").trim() || undefined;
  if (/No space left|quota exceeded/i.test(words ?? "")) {
    return new PortalError("denied", "There is no room left there. Make room, then try again.", { words });
  }
  if (!(code in sentences) && /Permission denied|Operation not permitted|Read-only file/i.test(words ?? "")) {
    return new PortalError("forbidden", "Your account has no permission for this.", { words });
  }
  if (!(code in sentences) && /No such file/i.test(words ?? ""))
    return new PortalError("not_found", "It is gone.", { words });
  if (!(code in sentences) && REFUSED_NAME.test(words ?? ""))
    return new PortalError("invalid", "The file system there does not take such a name.", { words });
  const [kind, sentence] = sentences[code] ?? ["cluster", "The cluster could not do this."];
  return new PortalError(kind, sentence, { words });
}

const noAnswers: ErrorCode[] = ["cluster", "cluster_timeout", "unavailable"];

/** Whether the cluster itself said no, to this account or to what was asked; otherwise it may be asked again. */
export const isAnswer = (error: unknown): boolean =>
  isPortalError(error) && (error.accountRefused === true || !noAnswers.includes(error.code));

/** A fault as a line of an action's answer. */
export const failedLine = (path: string, { code, message, words }: PortalError): ActionLine => ({
  ...{ kind: "failed", path, code, detail: message, words: words ?? null },
});

/** What a program said of something that it could not do as it should be. */
export function leftOut(said: Uint8Array, sentence = "This is not in the copy, or not as it is there."): PortalError {
  const { code, words } = scriptFault(exits.failed, said);
  return new PortalError(code, sentence, { words });
}

type Asking = { script: string; args: Word[] } & Pick<RunOptions, "stdin" | "signal" | "timeoutSeconds" | "maxBytes">;

const rootPaths = ({ roots }: FilePlace): string[] => roots.map(({ path }) => path);

/** Runs one of the scripts to its end; its output. Throws what its exit code means. */
export async function ask(place: FilePlace, { script, args, ...options }: Asking): Promise<Buffer> {
  const argv = scriptArgv(script, rootPaths(place), args);
  const { code, stdout, stderr } = await place.reach.run(argv, { user: place.user, ...options });
  if (code !== 0) throw scriptFault(code, stderr);
  return Buffer.from(stdout);
}

/** Starts one of the scripts. Its exit code is the caller's to look at. */
export function start(place: FilePlace, { script, args, ...options }: Asking): Promise<RunningProgram> {
  return place.reach.runStream(scriptArgv(script, rootPaths(place), args), { user: place.user, ...options });
}
