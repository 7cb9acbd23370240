// Copying from one cluster to another: tar(1) on both sides, and between them the portal, which keeps nothing of it. The person is
// the one account on the one side and the other on the other.
import { randomBytes } from "node:crypto";
import { Transform } from "node:stream";
import type { RunningProgram } from "@/lib/clusters/run";
import { isPortalError } from "@/lib/errors";
import { UNCOPY } from "@/lib/files/action-scripts";
import { HIDDEN_COPY } from "@/lib/files/action-steps";
import { ask, type FilePlace, failedLine, leftOut, pathBytes, scriptFault, start } from "@/lib/files/place";
import { joinPath, splitPath } from "@/lib/files/rules";
import type { ActionLine } from "@/lib/files/schema";
import { exits } from "@/lib/files/script";

const TELL_MS = 1000;

// ./ so that no name is an option, and a backslash in it is one; links as links. What cannot be read, or changes while it is read, is said and not the end of it.
const PACK = `
enter "$1"; raw "$2"; there "./$R" || exit 22
exec tar --create --format=gnu --no-unquote --ignore-failed-read --file=- -- "./$R"`;

/** What tar(1) ends with where some files changed while it read them. */
const SOME_DIFFER = 1;

const SIZE = `
enter "$1"; raw "$2"; there "./$R" || exit 22
timeout 20 du -sb -- "./$R" 2>/dev/null | cut -f1
:`;

// Unpacked where nobody looks, and named when all of it is there. GNU tar follows no link that it has just made, and writes
// nothing outside of where it stands.
export const UNPACK = `${HIDDEN_COPY}
enter "$1"; confirmed "$5"; raw "$2"; name=$R overwrite=$3 temp=./.berth-copy-$4
folder "./$name" && exit 33
[ "$overwrite" = yes ] || { there "./$name" && exit 24; }
sweep; mkdir -m 700 -- "$temp" || exit 28
( cd -- "$temp" && exec tar --extract --preserve-permissions --no-same-owner --file=- ) || { remove "$temp"; exit 28; }
there "$temp/$name" || { remove "$temp"; exit 28; }
folder "$temp/$name" && there "./$name" && { remove "$temp"; exit 34; }
# A folder that is read only cannot leave the one that it is in.
keep=
folder "$temp/$name" && [ ! -w "$temp/$name" ] && { keep=$(stat -c %a -- "$temp/$name"); chmod u+w -- "$temp/$name"; }
how=-nT; [ "$overwrite" != yes ] || how=-fT
said=$(mv "$how" -- "$temp/$name" "./$name" 2>&1)
there "$temp/$name" && {
  remove "$temp"
  [ "$overwrite" = yes ] || ! there "./$name" || exit 24
  no 28 "$said"
}
[ -z "$keep" ] || chmod "$keep" -- "./$name"
rmdir -- "$temp"
:`;

export type Across = {
  from: FilePlace;
  there: FilePlace;
  paths: string[];
  to: string;
  overwrite: boolean;
  confirm: boolean;
  signal: AbortSignal;
};
type One = Across & { path: string; id: string };

/** Resolves with what the source's tar(1) said of files that it left out, or that changed meanwhile. */
async function packing({ exit }: RunningProgram): Promise<Uint8Array> {
  const { code, stderr } = await exit;
  if (code !== 0 && code !== SOME_DIFFER) throw scriptFault(code, stderr);
  return stderr;
}

/** Starts both ends. `done` resolves with words of the source when the copy has its name; throws the fault of whichever end has one. */
async function connect({ from, there, path, to, signal, id, ...said }: One) {
  const { folder, name } = splitPath(path);
  const source = await start(from, { script: PACK, args: [pathBytes(folder), pathBytes(name)], signal });
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      bytes += chunk.length;
      pass(null, chunk);
    },
  });
  // Whatever breaks the source off must not look like its end to the other side.
  source.stdout.once("error", (error) => counter.destroy(error));
  const packed = packing(source);
  counter.on("error", () => {});
  source.stdout.pipe(counter, { end: false });
  // The program may be over while its last bytes still wait to be read, and its bytes may end although it failed.
  const allRead = new Promise((resolve) => source.stdout.once("end", resolve));
  Promise.all([packed, allRead]).then(
    () => counter.end(),
    (error) => counter.destroy(error),
  );
  const args = [pathBytes(to), pathBytes(name), said.overwrite ? "yes" : "no", id, said.confirm ? "yes" : "no"];
  const target = await start(there, { script: UNPACK, args, stdin: counter, signal }).catch((error: unknown) => {
    // Destroying it ends the program, which would wait for a reader for ever.
    source.stdout.destroy();
    throw error;
  });
  target.stdout.resume();
  const unpacked = target.exit.then(async ({ code, stderr }) => {
    // Everything was read, and nothing was in it: the source knows why.
    const isEmpty = code === exits.failed && stderr.length === 0;
    if (code !== 0) throw scriptFault(code, isEmpty ? await packed : stderr);
  });
  const done = Promise.all([packed, unpacked])
    .then(([words]) => words)
    .finally(() => source.stdout.destroy());
  done.catch(() => {});
  return { done, bytes: () => bytes };
}

/** One line for each file that is not in the copy as it was. */
function* allLeftOut(path: string, said: Uint8Array): Generator<ActionLine> {
  for (const line of Buffer.from(said).toString("latin1").split("\n")) {
    if (line !== "") yield failedLine(path, leftOut(Buffer.from(line.replace(/^\S*tar: /, ""), "latin1")));
  }
}

async function* copyOne(one: One): AsyncGenerator<ActionLine> {
  const { path, from, there, to, id } = one;
  const { folder, name } = splitPath(path);
  let isOver = false;
  try {
    const size = await ask(from, { script: SIZE, args: [pathBytes(folder), pathBytes(name)], signal: one.signal });
    const { done, bytes } = await connect(one);
    const settled = done.then(() => true);
    const tick = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), TELL_MS));
    while (!(await Promise.race([settled, tick()]))) {
      yield { kind: "progress", path, bytes: bytes(), totalBytes: Number(size.toString()) || null, files: 0 };
    }
    isOver = true;
    yield* allLeftOut(path, await done);
    yield { kind: "done", path, to: joinPath(to, name) };
  } finally {
    if (!isOver) await ask(there, { script: UNCOPY, args: [pathBytes(to), id] }).catch(() => {});
  }
}

/** Copies each path into the folder `to` of the other cluster. */
export async function* copyAcross(across: Across): AsyncGenerator<ActionLine> {
  for (const path of across.paths) {
    try {
      yield* copyOne({ ...across, path, id: randomBytes(8).toString("hex") });
    } catch (error) {
      if (!isPortalError(error) || across.signal.aborted) throw error;
      yield failedLine(path, error);
    }
  }
}
