// What happens to an upload on the cluster. Its bytes are in a hidden file of the person's beside the place they are for, which
// nobody else can read; the name itself appears only when all of it is on disk (fsync), and takes the place of nothing.
import { HIDDEN } from "@/lib/files/hidden-file";

// `part` judges the partial file anew each time: in a folder that others may write to, its name could be another's by now.
const STEPS = `${HIDDEN}
make() { # folder, name, id, overwrite, confirm, folders below
  enter "$1"; confirmed "$5"; raw "$2"; name=$R id=$3 overwrite=$4 confirm=$5; shift 5
  for below; do
    raw "$below"
    said=$(mkdir -- "./$R" 2>&1) || [ -d "./$R" ] || { there "./$R" && exit 26; no 28 "$said"; }
    cd -P -- "./$R" 2>/dev/null || why "./$R"
    here; inside "$HERE" || outside
    confirmed "$confirm"
  done
  part=./.berth-upload-$id
}
free() {
  folder "./$name" && exit 33
  [ "$overwrite" = yes ] || { there "./$name" && exit 24; }
}
# Where a name is told, the file may have that, too: whoever gave it was ended, or has yet to remove the other one.
part() { # folder, id, name
  raw "\${3-}"; name=$R
  enter "$1"; part=./.berth-upload-$2
  [ -f "$part" ] && [ ! -L "$part" ] || exit 22
  exec 7<"$part"
  case $(stat -c '%u %h %f' - <&7) in "$(id -u) 1 8"???) ;; "$(id -u) 2 8"???) same "./$name" || exit 22 ;; *) exit 22 ;; esac
  length=$(stat -c %s - <&7)
}
# Rights that somebody else gave to a file are not for what the person brings. One of their own that they cannot even read tells
# too little: what takes its place stays for them alone.
rights() {
  if [ "$overwrite" = yes ] && [ -f "./$name" ] && [ ! -L "./$name" ] && [ -O "./$name" ]; then
    [ -r "./$name" ] || return 0
    exec 8<"./$name"
    [ -f /proc/self/fd/8 ] && [ -O /proc/self/fd/8 ] && { as_old 8; exec 8<&-; return; }
  fi
  as_new
}
# Whoever gave it its name gave it its rights before.
elsewhere() { same "$part" && return 1; same "./$name" || exit 22; }
# Another process may have been at it, too, and quicker: then it is done. NFS keeps under another name what is removed while open.
place() {
  same "./$name" && { exec 7<&-; rm -f -- "$part"; return; }
  free
  sync -- "$file" || no 28
  elsewhere && return
  rights
  elsewhere && return
  if [ "$overwrite" = yes ]; then mv -fT -- "$part" "./$name" || exit 28
  elif ln -T -- "$part" "./$name" 2>/dev/null; then
    exec 7<&-; rm -f -- "$part"
  else
    # No hard links here, or somebody was quicker, or the file system does not take such a name.
    there "./$name" || said=$(mv -nT -- "$part" "./$name" 2>&1)
    if same "./$name"; then rm -f -- "$part"
    elif there "$part"; then chmod 600 -- "$file"; there "./$name" && exit 24; no 28 "$said"; fi
  fi
  sync -- . 2>/dev/null
  :
}
`;

/** folder, name, id, overwrite, confirm, folders below -> the real folder, then NUL. */
export const MAKE = `${STEPS}
make "$@"; free; hide "$part"
printf '%s\\0' "$HERE"`;

/**
 * As MAKE, with all of `size` bytes on stdin: size, folder, name, ... -> the real folder, bytes that are there, "placed" when the
 * file has its name. A piece that is too short is left to go on with.
 */
export const SHOT = `${STEPS}
size=$1; shift
make "$@"
# It was done before, and the answer lost: the same once more is no conflict, unless it is somebody else's.
if [ "$overwrite" = no ] && [ -f "./$name" ] && [ ! -L "./$name" ] && [ -O "./$name" ] && [ -r "./$name" ] && [ "$(stat -c %s -- "./$name")" = "$size" ]; then
  cmp -s -- - "./$name" || exit 24
  printf '%s\\0%s\\0placed\\0' "$HERE" "$size"
  exit 0
fi
free; hide "$part"
# Whoever asked is told that there is no upload, so nothing of it stays.
trap 'code=$?; exec 7>&-; [ "$code" = 0 ] || rm -f -- "$part"; exit "$code"' EXIT
cat >&7 || exit 28
length=$(stat -c %s - <&7) || exit 28
printf '%s\\0%s\\0' "$HERE" "$length"
[ "$length" = "$size" ] || exit 0
place
printf 'placed\\0'`;

/** folder, id, name -> bytes that are there. */
export const LENGTH = `${STEPS}
part "$@"
echo "$length"`;

// Each piece is written where it belongs, not appended: one that is still on its way when the next begins can do no harm.
/** folder, id, offset; bytes on stdin. */
export const WRITE = `${STEPS}
part "$1" "$2"
[ "$length" = "$3" ] || exit 27
exec dd of="$file" bs=1048576 seek="$3" oflag=seek_bytes conv=notrunc,nocreat status=none`;

/** folder, id, name, size, overwrite. */
export const FINISH = `${STEPS}
part "$1" "$2" "$3"; overwrite=$5
[ "$length" = "$4" ] || exit 27
place`;

/** folder, id, name. */
export const REMOVE = `${STEPS}
part "$@"
exec 7<&-; rm -f -- "$part"`;
