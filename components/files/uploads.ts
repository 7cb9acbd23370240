// Uploads of this tab: a few at a time, each in pieces that go on after a lost network, a pause or a reload (tus, see
// docs/api.md). Lives beside the pages, so that going to another one does not end it.
import type { DetailedError, HttpRequest, HttpResponse, Upload as TusUpload } from "tus-js-client";
import { ask } from "@/components/api";
import { wordsOf } from "@/components/files/fault-text";
import { endsBy, stayHere } from "@/components/files/stay-here";
import { beginBatch, sharing } from "@/components/files/upload-batch";
import { type Candidate, type Entry, entries, newEntry, set, tell } from "@/components/files/upload-entries";
import { fingerprintOf, rememberedOf, storage } from "@/components/files/upload-identity";
import { isPortalError, STATUS } from "@/lib/errors";
import { encodeTyped, isHiddenFolder, needsConfirmation } from "@/lib/files/rules";
import { api } from "@/lib/paths";

const MIB = 1024 ** 2;
/** What a proxy in between takes in one request; what broke off goes on where the cluster has it. */
const PIECE_BYTES = 128 * MIB;
/** Smaller ones are begun anew rather than remembered: ten thousand would fill the browser's storage. */
const REMEMBERED_BYTES = MIB;
const AT_ONCE = 4;
const RETRY_MS = [500, 1500, 4000, 8000, 15_000, 30_000];
const AGAIN_MS = 30_000;
/** Each is a minute and a half: what the cluster still cannot do after an hour is for the person to try again. */
const MOST_BUSY_ROUNDS = 40;

/** Cancelled ones are not: whatever comes of them afterwards is for nobody. */
const isThere = ({ view }: Entry): boolean => entries.has(view.id);

/** What is paused, or waits for the network or a sign-in, has files that a new page would not have. */
const open = ["waiting", "running", "offline", "paused"];
const busy = (): boolean => [...entries.values()].some(({ view }) => open.includes(view.state));

function next(): void {
  let running = 0;
  const batches = new Set<AbortController>();
  for (const { view, batch } of entries.values()) {
    if (view.state !== "running") continue;
    if (batch) batches.add(batch);
    else running += 1;
  }
  running += batches.size;
  for (const entry of entries.values()) {
    if (running >= AT_ONCE) break;
    if (entry.view.state !== "waiting") continue;
    running += 1;
    const together = sharing(entry);
    for (const one of together) set(one, { state: "running", detail: null, words: null });
    void (together.length > 1 || entry.candidate.isFolder ? beginTogether(together) : begin(entry));
  }
  stayHere("uploads", busy());
}

/**
 * A look (HEAD) at an upload that was refused. All bytes may be there and only its name not be free, so it is not begun anew, as
 * the library would after any answer but 423: only where the portal does not know it any more.
 */
class RefusedLook extends Error {
  readonly originalResponse: HttpResponse;
  constructor(response: HttpResponse) {
    super("The upload cannot be gone on with.");
    this.originalResponse = response;
  }
}

function checkLook(request: HttpRequest, response: HttpResponse): void {
  const status = response.getStatus();
  const isGone = status === 404 || status === 410;
  if (request.getMethod() === "HEAD" && status >= 400 && !isGone) throw new RefusedLook(response);
}

const responseOf = ({ originalResponse, causingError }: DetailedError): HttpResponse | null =>
  causingError instanceof RefusedLook ? causingError.originalResponse : originalResponse;

/** `status` 0: no answer came. */
type Fault = { status: number; detail: string; words: string | null };

const problemOf = (error: DetailedError): Fault => {
  const response = responseOf(error);
  const status = response?.getStatus() ?? 0;
  try {
    const problem: { detail?: string; words?: string } = JSON.parse(response?.getBody() ?? "");
    return { status, detail: problem.detail ?? "", words: problem.words ?? null };
  } catch {
    return { status, detail: "", words: null };
  }
};

const faultOf = (error: Error | DetailedError): Fault => {
  if ("originalResponse" in error) {
    const problem = problemOf(error);
    // What a proxy in between said is a page, and what the library makes of it is for nobody.
    const isOurs = problem.status >= 400 && problem.status < 500;
    return isOurs && !problem.detail ? { ...problem, detail: error.message } : problem;
  }
  const status = isPortalError(error) ? STATUS[error.code] : 0;
  return { status, detail: error.message, words: wordsOf(error) };
};

/** Only what passes is tried again: no answer at all, a busy or restarting portal, a piece that another one overtook. */
const passes = (status: number): boolean => status === 0 || status === 423 || status === 429 || status >= 500;

/** The network may be there and the portal not: browsers tell of the first only. */
function again(some: Entry[]): void {
  setTimeout(() => {
    const offline = some.filter(({ view }) => view.state === "offline");
    if (offline.length > 0) resumeUploads(offline.map(({ view }) => view.id));
  }, AGAIN_MS);
}

/** A file that was changed, moved or shut since it was chosen fails as a lost network does, and would for ever. */
async function failIfUnreadable(entry: Entry): Promise<void> {
  const { file } = entry.candidate;
  const canRead = await file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
  if (canRead || entry.view.state !== "offline") return;
  set(entry, { state: "failed", detail: "It was changed or is gone on this machine: choose it again.", words: null });
}

/** 409 says that a file of that name is there and can be replaced, and nothing else does. */
function failed(entry: Entry, error: Error | DetailedError): void {
  const { status, ...why } = faultOf(error);
  entry.busyRounds = status >= 500 ? entry.busyRounds + 1 : 0;
  const passing = passes(status) && entry.busyRounds < MOST_BUSY_ROUNDS;
  // The login has ended: they go on after the next one.
  const otherwise = status === 401 ? "paused" : "failed";
  set(entry, { state: status === 409 ? "exists" : passing ? "offline" : otherwise, ...why });
  if (status === 0) void failIfUnreadable(entry);
  if (passing) again([entry]);
  next();
}

const idOf = ({ tus }: Entry): string | null => tus?.url?.split("/").at(-1) ?? null;

const fingerprintIn = ({ view, candidate: { file, folders } }: Entry): string =>
  fingerprintOf({ ...view, path: [...folders, file.name].map(encodeTyped).join("/") }, file);

function optionsOf(entry: Entry): TusUpload["options"] {
  const { view, candidate, overwrite } = entry;
  const folders = candidate.folders.map(encodeTyped);
  const name = encodeTyped(candidate.file.name);
  // Hidden names and folders were asked about before they came here.
  const confirm = [name, ...folders].some(needsConfirmation) || isHiddenFolder(view.folder);
  const { size } = candidate.file;
  return {
    endpoint: new URL(api.uploads(), window.location.href).href,
    uploadUrl: candidate.unfinished ? new URL(api.upload(candidate.unfinished), window.location.href).href : null,
    metadata: {
      ...{ cluster: view.cluster, folder: view.folder, name },
      ...(folders.length > 0 && { folders: folders.join("/") }),
      ...(overwrite && { overwrite: "yes" }),
      ...(confirm && { confirm: "yes" }),
    },
    chunkSize: PIECE_BYTES,
    // What is to go on after the network was gone must have its address before its first byte.
    uploadDataDuringCreation: size <= REMEMBERED_BYTES,
    retryDelays: RETRY_MS,
    fingerprint: async () => fingerprintIn(entry),
    storeFingerprintForResuming: size > REMEMBERED_BYTES,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => passes(problemOf(error).status),
    onUploadUrlAvailable: () => set(entry, { uploadId: idOf(entry) }),
    onProgress: (sent) => set(entry, { sent }),
    onAfterResponse: checkLook,
    onSuccess: () => {
      set(entry, { state: "done", sent: size });
      next();
    },
    // Answers to a look have no words: asking to place the file has. While the cluster is away or busy that is no question.
    onError: (error) => {
      const wasLook = "causingError" in error && error.causingError instanceof RefusedLook;
      if (wasLook && !passes(problemOf(error).status)) void place(entry);
      else failed(entry, error);
    },
  };
}

async function beginTogether(some: Entry[]): Promise<void> {
  const { lost } = await beginBatch(some);
  if (lost.length > 0) again(lost);
  next();
}

async function prepared({ candidate }: Entry, options: TusUpload["options"]): Promise<TusUpload> {
  const { Upload } = await import("tus-js-client");
  const tus = new Upload(candidate.file, options);
  const [earlier] = candidate.unfinished ? [] : await tus.findPreviousUploads();
  if (earlier) tus.resumeFromPreviousUpload(earlier);
  return tus;
}

/** Whoever asks for it again before it is prepared starts nothing twice; who cancels or pauses it then, starts nothing. */
async function begin(entry: Entry): Promise<void> {
  if (entry.isBeginning) return;
  entry.isBeginning = true;
  try {
    entry.tus ??= await prepared(entry, optionsOf(entry));
    if (isThere(entry) && entry.view.state === "running") entry.tus.start();
  } catch (error) {
    // The library is a file of the portal's, which a lost network keeps away.
    if (isThere(entry) && entry.view.state === "running") failed(entry, error as Error);
  } finally {
    entry.isBeginning = false;
  }
}

/** Takes files on. `overwrite` replaces files of the same name. */
export function addUploads(candidates: Candidate[], to: { cluster: string; folder: string; overwrite: boolean }): void {
  for (const candidate of candidates) {
    const entry = newEntry(candidate, to);
    // Known before it is asked for: nobody is to discard, or begin once more, what waits here to go on.
    if (!entry.view.uploadId) set(entry, { uploadId: rememberedOf(storage(), fingerprintIn(entry)) });
  }
  tell();
  next();
}

const chosen = (ids: number[] | null): Entry[] =>
  ids === null ? [...entries.values()] : ids.flatMap((id) => entries.get(id) ?? []);

/** Null means all. */
export function pauseUploads(ids: number[] | null = null): void {
  for (const entry of chosen(ids)) {
    if (!["waiting", "running", "offline"].includes(entry.view.state)) continue;
    set(entry, { state: "paused" });
    entry.batch?.abort();
    void entry.tus?.abort();
  }
  next();
}

export function resumeUploads(ids: number[] | null = null): void {
  for (const entry of chosen(ids))
    if (["paused", "offline", "failed"].includes(entry.view.state)) set(entry, { state: "waiting" });
  next();
}

/** Ends them, here and at the portal; finished ones only leave the list. */
export function cancelUploads(ids: number[] | null = null): void {
  for (const entry of chosen(ids)) {
    entries.delete(entry.view.id);
    entry.batch?.abort();
    if (entry.view.state !== "done") void entry.tus?.abort(true).catch(() => undefined);
  }
  tell();
  next();
}

endsBy("uploads", cancelUploads);

/** Replaces the files that were there already, a few at a time as all others. */
export function replaceExisting(ids: number[]): void {
  for (const entry of chosen(ids)) {
    if (entry.view.state !== "exists") continue;
    entry.overwrite = true;
    // Refused before a byte was sent: begun anew. Otherwise the look at what is there is refused, and place() follows.
    if (!entry.tus?.url) entry.tus = null;
    set(entry, { state: "waiting", detail: null, words: null });
  }
  next();
}

/** Gives the file its name, now that all of it is there. */
async function place(entry: Entry): Promise<void> {
  const id = idOf(entry);
  if (!id || !isThere(entry)) return;
  try {
    const { overwrite } = entry;
    await ask<"finishUpload">(api.finishUpload(id), { method: "POST", body: { overwrite } });
    set(entry, { state: "done", sent: entry.view.size });
    next();
  } catch (error) {
    // What `ask` throws is a PortalError.
    failed(entry, error as Error);
  }
}

if (typeof window !== "undefined") {
  window.addEventListener("online", () =>
    resumeUploads([...entries.values()].flatMap(({ view }) => (view.state === "offline" ? [view.id] : []))),
  );
}
