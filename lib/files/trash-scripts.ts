// The scripts of the trash: a folder in the person's home, in which each thing has a folder of its own with its name and path.
import { LOOP, STEPS } from "@/lib/files/action-steps";

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
  exec 5<"$trash" 6<.
  [ "$(volume 5)" = "$(volume 6)" ] || exit 30
  own=$trash/$(date +%s)-$id-$index
  mkdir -m 700 -- "$own" && printf %s "$HERE/$name" >"$own/path" || exit 28
  mv -nT -- "./$name" "$own/item" || { rm -f -- "$own/path"; rmdir -- "$own"; exit 28; }
  tell "$own/item"
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
  here; inside "$HERE" || outside
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
