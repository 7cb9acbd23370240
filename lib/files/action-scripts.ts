// What actions do on the cluster, one item after the other: each in a subshell of its own, so that one that fails ends nothing
// else. Items come on stdin as two spelled words a line; what is printed are records of four fields that end with NUL:
// o index path - (where it is now), p index bytes total, n index files -, r index exit-code words.

// `item` is what the action defines. Words of programs (stderr) are caught, records go out by descriptor 4.
export const LOOP = `
exec 4>&1
index=0
while read -r folder name; do
  said=$( ( item "$folder" "$name" ) 2>&1 >&4 </dev/null )
  code=$?
  printf 'r\\0%s\\0%s\\0%s\\0' "$index" "$code" "$said"
  index=$((index + 1))
done`;

export const STEPS = `
found() { enter "$1"; raw "$2"; name=$R; there "./$name" || exit 22; }
tell() { printf 'o\\0%s\\0%s\\0\\0' "$index" "$1"; }
# What a program has written so far is in /proc; for what need not copy it is nothing, and soon over.
watched() {
  "$@" & pid=$!
  ( while sleep 1; do
      bytes=$(sed -n 's/^wchar: //p' "/proc/$pid/io" 2>/dev/null)
      [ -n "$bytes" ] || exit
      printf 'p\\0%s\\0%s\\0%s\\0' "$index" "$bytes" "$total"
    done ) 2>/dev/null & ticker=$!
  wait "$pid"; code=$?
  kill "$ticker" 2>/dev/null
  return "$code"
}
measure() {
  if [ -d "$1" ] && [ ! -L "$1" ]; then total=$(timeout 20 du -sb -- "$1" 2>/dev/null | cut -f1); else total=$(stat -c %s -- "$1"); fi
}
# Descriptor 5 is the folder that was judged, whatever its name leads to afterwards.
into() { enter "$1"; exec 5<.; INTO=$HERE; }
# A file may take the place of a file where that was said; nothing takes the place of a folder.
may_be() {
  there "$2" || return 0
  [ "$overwrite" = yes ] || exit 24
  { [ -d "$2" ] && [ ! -L "$2" ]; } && exit 24
  { [ -d "$1" ] && [ ! -L "$1" ]; } && exit 24
  :
}
place() {
  if [ "$overwrite" = yes ]; then watched mv -fT -- "$1" "$2" || exit 28
  else watched mv -nT -- "$1" "$2" || { there "$2" && exit 24; exit 28; }; there "$1" && exit 24; fi
  :
}
`;

const made = (what: string) => `${STEPS}
item() {
  enter "$1"; raw "$2"; there "./$R" && exit 24
  ${what} || exit 28
  tell "$HERE/$R"
}
${LOOP}`;

export const FOLDER = made('mkdir -- "./$R"');
export const EMPTY_FILE = made('( set -C; : >"./$R" )');

/** new name, overwrite. */
export const RENAME = `${STEPS}
raw "$1"; to=$R overwrite=$2 total=
item() { found "$1" "$2"; may_be "./$name" "./$to"; place "./$name" "./$to"; tell "$HERE/$to"; }
${LOOP}`;

/** folder, overwrite. */
export const MOVE = `${STEPS}
into "$1"; overwrite=$2
item() {
  found "$1" "$2"; measure "./$name"
  may_be "./$name" "/proc/self/fd/5/$name"; place "./$name" "/proc/self/fd/5/$name"
  tell "$INTO/$name"
}
${LOOP}`;

/** folder, overwrite, id. What is not whole has a hidden name. */
export const COPY = `${STEPS}
into "$1"; overwrite=$2 id=$3
item() {
  found "$1" "$2"; to=/proc/self/fd/5/$name temp=/proc/self/fd/5/.berth-copy-$id-$index
  may_be "./$name" "$to"; measure "./$name"
  watched cp -aT -- "./$name" "$temp" || { rm -rf -- "$temp"; exit 28; }
  ( place "$temp" "$to" ) || { code=$?; rm -rf -- "$temp"; exit "$code"; }
  tell "$INTO/$name"
}
${LOOP}`;

/** folder, id: what a copy that was cancelled leaves behind. */
export const UNCOPY = `
enter "$1"; id=$2
rm -rf -- "./.berth-copy-$id" ./.berth-copy-"$id"-*`;

export const DELETE = `${STEPS}
item() {
  found "$1" "$2"
  rm -rfv -- "./$name" | {
    files=0
    while read -r line; do
      files=$((files + 1))
      [ $((files % 500)) != 0 ] || printf 'n\\0%s\\0%s\\0\\0' "$index" "$files"
    done
  }
  there "./$name" && exit 28
  :
}
${LOOP}`;

/** mode, recursive. */
export const MODE = `${STEPS}
mode=$1 recursive=$2
item() {
  found "$1" "$2"
  [ ! -L "./$name" ] || no 28 "A link has no permissions of its own."
  if [ "$recursive" = yes ]; then chmod -R -- "$mode" "./$name"; else chmod -- "$mode" "./$name"; fi || exit 28
}
${LOOP}`;

// Only a folder of the person's own, and of nobody else's liking, is a trash.
const TRASH_AT = `
trash=$HOME/.berth/trash
sound() { [ -d "$trash" ] && [ ! -L "$trash" ] && [ -O "$trash" ]; }
`;

/** id. Renaming only: what is on another file system is not copied into somebody's home. */
export const TRASH = `${STEPS}${TRASH_AT}
id=$1
( umask 077; mkdir -p -- "$trash" )
item() {
  found "$1" "$2"
  sound || no 28 "~/.berth/trash is not a folder of yours."
  case $HERE/$name/ in "$trash"/*) no 28 "It is in the trash already." ;; esac
  [ "$(stat -c %d -- "./$name")" = "$(stat -c %d -- "$trash")" ] || exit 30
  own=$trash/$(date +%s)-$id-$index
  mkdir -m 700 -- "$own" && printf %s "$HERE/$name" >"$own/path" || exit 28
  mv -nT -- "./$name" "$own/item" || { rm -f -- "$own/path"; rmdir -- "$own"; exit 28; }
}
${LOOP}`;

/** Items are ids and a dot. */
export const RESTORE = `${STEPS}${TRASH_AT}
overwrite=no total=
item() {
  sound || exit 22
  own=$trash/$1
  { there "$own/item" && [ -f "$own/path" ]; } || exit 22
  R=$(cat -- "$own/path"; printf .); R=\${R%.}; name=\${R##*/} at=\${R%/*}
  cd -P -- "\${at:-/}" 2>/dev/null || no 28 "The folder that it was in is gone."
  here; inside "$HERE" || exit 21
  there "./$name" && exit 24
  place "$own/item" "./$name"
  rm -f -- "$own/path"; rmdir -- "$own"
  tell "$HERE/$name"
}
${LOOP}`;

/** Items are ids and a dot. */
export const EMPTY_TRASH = `${STEPS}${TRASH_AT}
item() {
  sound || exit 22
  [ -d "$trash/$1" ] || exit 22
  chmod -R u+rwX -- "$trash/$1" 2>/dev/null
  rm -rf -- "$trash/$1" || exit 28
}
${LOOP}`;

/** Newest first: id, kind and size, path. */
export const LIST_TRASH = `${TRASH_AT}
sound || exit 0
cd -- "$trash" || exit 23
ls -r | head -n 1000 | while read -r own; do
  there "$own/item" || continue
  printf '%s\\0%s\\0' "$own" "$(stat -c '%f %s' -- "$own/item")"
  cat -- "$own/path"; printf '\\0'
done`;
