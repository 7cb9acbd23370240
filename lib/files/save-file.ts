// Saving what an editor holds: only over the state that was opened, with the mode (and access list) that was there; in one step,
// except where that would take a file from its owner or from its other names, or where nothing new can be made beside it.
import { randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/actor";
import { PortalError } from "@/lib/errors";
import { recordFileEvent } from "@/lib/files/audit";
import { splitFields } from "@/lib/files/fields";
import { HIDDEN } from "@/lib/files/hidden-file";
import { nameFault } from "@/lib/files/names/schema";
import { ask, filePlace, pathBytes } from "@/lib/files/place";
import { displayPath, encodePath, needsConfirmation, splitPath } from "@/lib/files/rules";
import type { SavedFile } from "@/lib/files/schema";
import { bytesHeader } from "@/lib/files/tus";
import { limitedBody } from "@/lib/http/limited-body";

const maxSavedBytes = 16 * 1024 * 1024;
const SECONDS = 60;

// folder, name, tag (or "new"), id, size, confirm; the content on stdin. A link is followed, as opened() judges it, and
// stays: what it leads to is replaced. The new content is on disk (fsync) before it has the name.
export const SAVE = `${HIDDEN}
if [ "$3" = new ]; then
  enter "$1"; confirmed "$6"; raw "$2"; name=$R
  folder "./$name" && exit 33
  # Nobody could open it to see what would be replaced.
  [ -L "./$name" ] && [ ! -e "./$name" ] && exit 38
  there "./$name" && exit 24
else
  opened "$1" "$2"
  [ "\${FACTS%% *}" = "$3" ] || exit 27
  name=\${REAL##*/} at=\${REAL%/*}
  cd -P -- "\${at:-/}" || exit 23
  here; inside "$HERE" || outside
  [ -w "./$name" ] || exit 23
fi
temp=./.berth-edit-$4 whole=yes
if [ "$3" != new ] && { [ "$(stat -c '%u %h' - <&3)" != "$(id -u) 1" ] || [ ! -w . ]; }; then
  whole=no temp=\${TMPDIR:-/tmp}/berth-edit-$4
fi
trap 'exec 7>&-; rm -f -- "$temp"' EXIT
hide "$temp"
cat >&7 || exit 28
[ "$(stat -c %s - <&7)" = "$5" ] || exit 32
if [ "$3" = new ]; then
  as_new; sync -- "$file" || exit 28
  same "$temp" || exit 22
  ln -T -- "$temp" "./$name" 2>/dev/null || {
    there "./$name" && exit 24
    said=$(mv -nT -- "$temp" "./$name" 2>&1)
    there "$temp" && { there "./$name" && exit 24; no 28 "$said"; }
  }
elif [ "$whole" = no ]; then
  # First what the file grows by: where there is no room for it, nothing of the old content is lost.
  before=\${3#*-}; before=\${before%%-*}
  write() { dd if="$file" of=/proc/self/fd/3 bs=1048576 iflag=skip_bytes,count_bytes oflag=seek_bytes conv=notrunc,nocreat,fsync status=none "$@"; }
  [ "$(stat -c '%i-%s-%.9Y' -- "./$name")" = "$3" ] || exit 27
  [ "$5" -le "$before" ] || write skip="$before" seek="$before" || { truncate -c -s "$before" -- /proc/self/fd/3; exit 28; }
  write count="$before" && truncate -c -s "$5" -- /proc/self/fd/3 || exit 28
else
  as_old 3; sync -- "$file" || exit 28
  [ "$(stat -c '%i-%s-%.9Y' -- "./$name")" = "$3" ] || exit 27
  same "$temp" || exit 22
  # NFS moves away what is open, and only then gives its name to another.
  exec 3<&-
  mv -fT -- "$temp" "./$name" || exit 28
fi
printf '%s\\0%s\\0' "$HERE/$name" "$(stat -c '%i-%s-%.9Y' -- "./$name")"`;

type Condition = { tag: string } | "new";

/** If-Match with the one tag that was opened, or If-None-Match: * . Without either, nobody said what is to be replaced. */
function conditionOf(request: Request): Condition {
  const tag = /^"([0-9.-]{1,80})"$/.exec(request.headers.get("if-match")?.trim() ?? "")?.[1];
  if (tag) return { tag };
  if (request.headers.get("if-none-match")?.trim() === "*") return "new";
  throw new PortalError(
    "invalid",
    "Say with If-Match which state you opened, or with If-None-Match: * that the file is new.",
  );
}

/** How much comes, said beforehand: it streams through, and what broke off must not be taken for all. */
function sizeOf(request: Request): number {
  const size = bytesHeader(request, "content-length");
  if (size <= maxSavedBytes) return size;
  throw new PortalError("invalid", `At most ${maxSavedBytes / 1024 / 1024} MiB can be saved here.`);
}

type Where = { cluster: string; path: string; confirm?: "yes" | "no" };

/** Saves a whole file. Throws `conflict` when it is not what it was. */
export async function saveFile(actor: PersonActor, where: Where, request: Request): Promise<SavedFile> {
  const condition = conditionOf(request);
  const { folder, name } = splitPath(where.path);
  if (condition === "new") {
    const fault = nameFault(name);
    if (fault) throw new PortalError("invalid", fault);
    if (needsConfirmation(name) && where.confirm !== "yes") {
      throw new PortalError(
        "denied",
        `${displayPath(name)} begins with a dot: programs may read it on their own. Confirm it.`,
      );
    }
  }
  const place = await filePlace(actor, where.cluster);
  const size = sizeOf(request);
  const { stream: stdin } = limitedBody(request, size);
  const tag = condition === "new" ? condition : condition.tag;
  const args = [
    pathBytes(folder),
    pathBytes(name || "."),
    tag,
    randomBytes(8).toString("hex"),
    size,
    where.confirm ?? "no",
  ];
  const answer = splitFields(await ask(place, { script: SAVE, args, stdin, timeoutSeconds: SECONDS }));
  const path = encodePath(answer[0] ?? Buffer.alloc(0));
  const data = { bytes: size, isNew: condition === "new" };
  await recordFileEvent(actor, { action: "file.saved", cluster: where.cluster, paths: [path], data });
  return { path, size, etag: `"${answer[1]}"` };
}
