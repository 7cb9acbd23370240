// Copying from one cluster to another: tar(1) on both sides, and between them the portal, which keeps nothing of it. The person is
// the one account on the one side and the other on the other.
import { randomBytes } from "node:crypto";
import { Transform } from "node:stream";
import { isPortalError } from "@/lib/errors";
import { UNCOPY } from "@/lib/files/action-scripts";
import { ask, type FilePlace, pathBytes, scriptFault, start } from "@/lib/files/place";
import { joinPath, splitPath } from "@/lib/files/rules";
import type { ActionLine } from "@/lib/files/schema";

const TELL_MS = 1000;

// ./ so that no name is an option; links as links.
const PACK = `
enter "$1"; raw "$2"; there "./$R" || exit 22
exec tar --create --format=gnu --file=- -- "./$R"`;

const SIZE = `
enter "$1"; raw "$2"; there "./$R" || exit 22
timeout 20 du -sb -- "./$R" 2>/dev/null | cut -f1
:`;

// Unpacked where nobody looks, and named when all of it is there. GNU tar follows no link that it has just made, and writes
// nothing outside of where it stands.
const UNPACK = `
enter "$1"; raw "$2"; name=$R overwrite=$3 temp=./.berth-copy-$4
if there "./$name"; then
  [ "$overwrite" = yes ] || exit 24
  [ -d "./$name" ] && [ ! -L "./$name" ] && exit 24
fi
mkdir -m 700 -- "$temp" || exit 28
( cd -- "$temp" && exec tar --extract --preserve-permissions --no-same-owner --file=- ) || { rm -rf -- "$temp"; exit 28; }
there "$temp/$name" || { rm -rf -- "$temp"; no 28 "Nothing came."; }
if [ "$overwrite" = yes ]; then mv -fT -- "$temp/$name" "./$name"; else mv -nT -- "$temp/$name" "./$name"; fi
there "$temp/$name" && { rm -rf -- "$temp"; exit 24; }
rmdir -- "$temp"
:`;

export type Across = {
  from: FilePlace;
  there: FilePlace;
  paths: string[];
  to: string;
  overwrite: boolean;
  signal: AbortSignal;
};
type One = Across & { path: string; id: string };

/** Starts both ends. `done` resolves when the copy has its name; throws the fault of whichever end has one. */
async function connect({ from, there, path, to, overwrite, signal, id }: One) {
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
  const packed = source.exit.then(({ code, stderr }) => {
    if (code !== 0) throw scriptFault(code, stderr);
  });
  counter.on("error", () => {});
  source.stdout.pipe(counter, { end: false });
  // The program may be over while its last bytes still wait to be read, and its bytes may end although it failed.
  const allRead = new Promise((resolve) => source.stdout.once("end", resolve));
  Promise.all([packed, allRead]).then(
    () => counter.end(),
    (error) => counter.destroy(error),
  );
  const args = [pathBytes(to), pathBytes(name), overwrite ? "yes" : "no", id];
  const target = await start(there, { script: UNPACK, args, stdin: counter, signal });
  target.stdout.resume();
  const unpacked = target.exit.then(({ code, stderr }) => {
    if (code !== 0) throw scriptFault(code, stderr);
  });
  const done = Promise.all([packed, unpacked]).finally(() => source.stdout.destroy());
  done.catch(() => {});
  return { done, bytes: () => bytes };
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
      yield {
        kind: "failed",
        path,
        code: error.code,
        detail: error.words ? `${error.message} (${error.words})` : error.message,
      };
    }
  }
}
