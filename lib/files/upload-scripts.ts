// What happens to an upload on the cluster. Its bytes are in a hidden file of the person's beside the place they are for, which
// nobody else can read; the name itself appears only when all of it is on disk (fsync), and takes the place of nothing.

/** For scripts that write under a hidden name, for nobody else to read: the rights of a new file in that folder. */
export const AS_NEW = `
# By the umask, or by the folder's access list, which leaves no umask: only a new file tells.
as_new() { rm -f -- "$1-new"; ( set -C; : >"$1-new" ) && chmod --reference="$1-new" -- "$1"; code=$?; rm -f -- "$1-new"; return "$code"; }
`;

// `part` judges the partial file anew each time: in a folder that others may write to, its name could be another's by now.
const STEPS = `${AS_NEW}
make() { # folder, name, id, overwrite, confirm, folders below
  enter "$1"; confirmed "$5"; raw "$2"; name=$R id=$3 overwrite=$4 confirm=$5; shift 5
  for below; do
    raw "$below"
    said=$(mkdir -- "./$R" 2>&1) || [ -d "./$R" ] || { there "./$R" && exit 26; no 28 "$said"; }
    cd -P -- "./$R" 2>/dev/null || why "./$R"
    here; inside "$HERE" || outside
    confirmed "$confirm"
  done
  free
  part=./.berth-upload-$id mask=$(umask)
  umask 077; set -C; : >"$part" || exit 28; set +C; umask "$mask"
  # An access list that the folder gives to new files goes before the umask.
  chmod 600 -- "$part" || exit 28
}
free() {
  folder "./$name" && exit 33
  [ "$overwrite" = yes ] || { there "./$name" && exit 24; }
}
part() { # folder, id
  enter "$1"; part=./.berth-upload-$2
  [ -f "$part" ] && [ ! -L "$part" ] && [ -O "$part" ] && [ "$(stat -c %h -- "$part")" = 1 ] || exit 22
  length=$(stat -c %s -- "$part")
}
place() {
  free
  sync -- "$part" || no 28
  if [ "$overwrite" = yes ] && [ -f "./$name" ] && [ ! -L "./$name" ]; then
    chgrp --reference="./$name" -- "$part" 2>/dev/null
    # The access list, too, which only a file that can be read tells.
    cp --attributes-only --preserve=mode -- "./$name" "$part" 2>/dev/null || chmod --reference="./$name" -- "$part" 2>/dev/null
  else as_new "$part" || exit 28; fi
  if [ "$overwrite" = yes ]; then mv -fT -- "$part" "./$name" || exit 28
  elif ln -T -- "$part" "./$name" 2>/dev/null; then rm -f -- "$part"
  else
    # No hard links here, or somebody was quicker.
    there "./$name" || mv -nT -- "$part" "./$name"
    there "$part" && { chmod 600 -- "$part"; exit 24; }
  fi
  sync -- . 2>/dev/null
  :
}
`;

/** folder, name, id, overwrite, confirm, folders below -> the real folder, then NUL. */
export const MAKE = `${STEPS}
make "$@"
printf '%s\\0' "$HERE"`;

/**
 * As MAKE, with all of `size` bytes on stdin: size, folder, name, ... -> the real folder, bytes that are there, "placed" when the
 * file has its name. A piece that is too short is left to go on with.
 */
export const SHOT = `${STEPS}
size=$1; shift
make "$@"
# Whoever asked is told that there is no upload, so nothing of it stays.
trap 'code=$?; [ "$code" = 0 ] || rm -f -- "$part"; exit "$code"' EXIT
cat >>"$part" || exit 28
length=$(stat -c %s -- "$part") || exit 28
printf '%s\\0%s\\0' "$HERE" "$length"
[ "$length" = "$size" ] || exit 0
place
printf 'placed\\0'`;

/** folder, id -> bytes that are there. */
export const LENGTH = `${STEPS}
part "$@"
echo "$length"`;

// Each piece is written where it belongs, not appended: one that is still on its way when the next begins can do no harm.
/** folder, id, offset; bytes on stdin. */
export const WRITE = `${STEPS}
part "$1" "$2"
[ "$length" = "$3" ] || exit 27
exec dd of="$part" bs=1048576 seek="$3" oflag=seek_bytes,nofollow conv=notrunc,nocreat status=none`;

/** folder, id, name, size, overwrite. */
export const FINISH = `${STEPS}
part "$1" "$2"; raw "$3"; name=$R overwrite=$5
[ "$length" = "$4" ] || exit 27
place`;

/** folder, id. */
export const REMOVE = `${STEPS}
part "$@"
rm -f -- "$part"`;
