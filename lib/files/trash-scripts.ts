// The scripts of the trash: a folder in the person's home, in which each thing has a folder of its own with its name and path.
import { ACROSS, LOOP, RENAMED, STEPS } from "@/lib/files/action-steps";

// Only a folder of the person's own, and of nobody else's liking, is a trash.
const TRASH_AT = `
trash=$HOME/.berth/trash
sound() { [ -d "$trash" ] && [ ! -L "$trash" ] && [ -O "$trash" ]; }
`;

/** id. Renaming only: what is on another file system is not copied into somebody's home (30). 39: the home is full. */
export const TRASH = `${STEPS}${RENAMED}${TRASH_AT}
id=$1 overwrite=no
making=$( ( umask 077; mkdir -p -- "$trash" ) 2>&1 )
unable() { case $1 in *"No space left on device"* | *"quota exceeded"*) no 39 "$1" ;; *) no 28 "$1" ;; esac; }
undo() { rm -f -- "$own/path"; rmdir -- "$own"; }
item() {
  found "$1" "$2"
  there "$trash" || unable "$making"
  sound || no 28 "~/.berth/trash is not a folder of yours."
  case $HERE/$name/ in "$trash"/*) no 28 "It is in the trash already." ;; esac
  exec 5<"$trash" 6<.
  own=$trash/$(date +%s)-$id-$index
  said=$(mkdir -m 700 -- "$own" 2>&1) || unable "$said"
  # cat(1) says why it could not write.
  said=$( { printf %s "$HERE/$name" | cat >"$own/path"; } 2>&1 ) || { undo; unable "$said"; }
  said=$(renamed "./$name" "$own/item" 2>&1) || {
    code=$?; undo
    case $code in 18) exit 30 ;; 28) unable "$said" ;; *) exit "$code" ;; esac
  }
  tell "$own/item"
}
${LOOP}`;

/** Items are ids and a dot. Where the folder that it was in is on another file system now, it is copied there. */
export const RESTORE = `${STEPS}${RENAMED}${ACROSS}${TRASH_AT}
overwrite=no
item() {
  sound || exit 22
  own=$trash/$1
  { there "$own/item" && [ -f "$own/path" ]; } || exit 22
  R=$(cat -- "$own/path"; printf .); R=\${R%.}; back=\${R##*/} at=\${R%/*}
  cd -P -- "\${at:-/}" 2>/dev/null || no 28 "The folder that it was in is gone."
  here; inside "$HERE" || outside
  there "./$back" && exit 24
  exec 5<.; cd -- "$own" || exit 22
  exec 6<.; name=item id=$1 to=/proc/self/fd/5/$back
  renamed ./item "$to"; code=$?
  # Its name is the same the next time: what is left of a try that was broken off would be mixed with it.
  case $code in 0) ;; 18) remove "/proc/self/fd/5/.berth-copy-$id-$index"; across ;; *) exit "$code" ;; esac
  rm -f -- "$own/path"; rmdir -- "$own"
  tell "$HERE/$back"
}
${LOOP}`;

/** Items are ids and a dot. */
export const EMPTY_TRASH = `${STEPS}${TRASH_AT}
item() {
  sound || exit 22
  [ -d "$trash/$1" ] || exit 22
  chmod -R u+rwX -- "$trash/$1" 2>/dev/null
  counted rm -rfv -- "$trash/$1"
  ! there "$trash/$1" || partly "$trash/$1"
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
