// What actions do on the cluster, one item after the other: each in a subshell of its own, so that one that fails ends nothing
// else. Items come on stdin as two spelled words a line; what is printed are records of four fields that end with NUL:
// o index path - (where it is now), p index bytes total, n index files -, w index - words (of something in it that was left
// out), x index name words (the same, where its name is known), r index exit-code words.

// `item` is what the action defines. Words of programs (stderr) are caught, records go out by descriptor 4.
export const LOOP = `
exec 4>&1
known() { path "$1"; stands=$(cd -P -- "$R" 2>/dev/null && pwd -P && printf .) && inside "\${stands%"$NL".}"; }
index=0
last=
while read -r folder name; do
  # Which roots it takes is found out here: what a subshell finds out is lost with it.
  [ "$folder" = "$last" ] || { last=$folder; known "$folder"; }
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
# A file may take the place of a file where that was said; nothing takes the place of a folder, nor a folder that of anything.
may_be() {
  there "$2" || return 0
  folder "$2" && exit 33
  folder "$1" && exit 34
  [ "$overwrite" = yes ] || exit 24
}
# Both paths are the real ones, so a link to a folder is not what is below it.
not_into_itself() { case $INTO/ in "\${HERE%/}/$name"/*) exit 35 ;; esac }
place() {
  if [ "$overwrite" = yes ]; then watched mv -fT -- "$1" "$2" || exit 28
  else watched mv -nT -- "$1" "$2" || { there "$2" && exit 24; exit 28; }; there "$1" && exit 24; fi
  :
}
# What is not whole has a hidden name. What cp(1) could not do is in $said, with as much of it left out as $SHORT takes out, and
# it is the action's to say whether that is sound enough.
copy() {
  temp=/proc/self/fd/5/.berth-copy-$id-$index
  said=$( { watched cp "$@" -- "./$name" "$temp" || echo "exit $?" >&2; } 2>&1 >&4 | sed "$SHORT" )
  case $NL$said in
    *"$NL"?*"$NL"exit\\ 1) said=\${said%"$NL"*}; sound_enough || unmade ;;
    *"$NL"exit\\ *) said=\${said%exit*}; unmade ;;
  esac
  ( place "$temp" "$to" ) || { code=$?; remove; exit "$code"; }
}
remove() { folder "$temp" && chmod -R u+rwX -- "$temp" 2>/dev/null; rm -rf -- "$temp"; }
unmade() { remove; no 28 "$said"; }
# Of the folder that is open there: what a renaming cannot leave. One device may be mounted in several places.
volume() { stat -L -c %d -- "/proc/self/fd/$1"; sed -n 's/^mnt_id://p' "/proc/self/fdinfo/$1"; }
`;

/** confirm. */
const made = (what: string) => `${STEPS}
confirm=$1
item() {
  enter "$1"; confirmed "$confirm"; raw "$2"; there "./$R" && exit 24
  ${what} || exit 28
  tell "$HERE/$R"
}
${LOOP}`;

export const FOLDER = made('mkdir -- "./$R"');
export const EMPTY_FILE = made('( set -C; : >"./$R" )');

/** new name, overwrite, confirm. */
export const RENAME = `${STEPS}
raw "$1"; to=$R overwrite=$2 confirm=$3 total=
item() { found "$1" "$2"; confirmed "$confirm"; may_be "./$name" "./$to"; place "./$name" "./$to"; tell "$HERE/$to"; }
${LOOP}`;

// mv(1) would copy from one file system to another straight under the final name, and first remove what had it.
/** folder, overwrite, id, confirm. */
export const MOVE = `${STEPS}
# Access lists that the other file system has no place for are not worth a refusal, as mv(1) sees it, too; the modes are.
LISTS='^cp: \\(preserving\\|setting\\) permissions for .*: Operation not supported$'
SHORT="51,\\$ { /$LISTS/d }"
sound_enough() {
  printf '%s\\n' "$said" | grep -qve "$LISTS" && return 1
  [ ! -L "./$name" ] || return
  folder "./$name" || { chmod --reference="./$name" -- "$temp"; return; }
  ( cd -- "./$name" && find . -depth ! -type l -exec sh -c 'temp=$1; shift
    for at; do chmod --reference="$at" -- "$temp/$at" || exit 1; done' sh "$temp" {} + )
}
into "$1"; confirmed "$4"; overwrite=$2 id=$3
item() {
  found "$1" "$2"; to=/proc/self/fd/5/$name
  not_into_itself; exec 6<.
  [ "$HERE" != "$INTO" ] || { tell "$HERE/$name"; return; }
  if [ "$(volume 5)" = "$(volume 6)" ]; then
    total=; may_be "./$name" "$to"; place "./$name" "$to"
  else
    may_be "./$name" "$to"; measure "./$name"; copy -aT
    said=$(rm -rf -- "./$name" 2>&1) || no 28 "It was copied, but could not be removed from where it was: $said"
  fi
  tell "$INTO/$name"
}
${LOOP}`;

// As a new file there would be: of the folder's group, with its access list. Of a folder all that can be read is copied, and what
// cannot is said; a file that may be there in part is not kept, nor what it was to be in.
/** folder, overwrite, id, confirm. */
export const COPY = `${STEPS}
missed=
# Names are within a line, and in quotation marks.
GRAVE='^cp: error \\|: No space left on device$\\|: Disk quota exceeded$\\|: Input/output error$'
SHORT='51,\${/^exit [0-9]*$/b
\\%'"$GRAVE"'%{s/.*/cp: error in more files/
b
}
51!d
s/.*/cp: more than these could not be read/
}'
sound_enough() {
  printf '%s\\n' "$said" | grep -q "$GRAVE" && return 1
  folder "./$name" && there "$temp" && missed=$said
}
into "$1"; confirmed "$4"; overwrite=$2 id=$3
item() {
  found "$1" "$2"; to=/proc/self/fd/5/$name
  not_into_itself; may_be "./$name" "$to"
  folder "./$name" && { [ -r "./$name" ] && [ -x "./$name" ] || exit 23; }
  measure "./$name"; copy -dRT --preserve=timestamps,links
  [ -z "$missed" ] || printf '%s\\n' "$missed" | while IFS= read -r line; do printf 'w\\0%s\\0\\0%s\\0' "$index" "\${line#cp: }"; done
  tell "$INTO/$name"
}
${LOOP}`;

/** folder, id: what a copy or move that was cancelled leaves behind. */
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

// chmod(1) changes the set-id bits of a folder only for a mode of five digits: four say what they are to be, three leave them.
// With all that is in a folder: files get the bits to read and write, and those to execute only where somebody could execute
// before; folders can be opened by whoever can read them. First the person's own folders are opened, so that all is reached, and a
// folder gets its mode after what is in it. -execdir goes through no link, but refuses a PATH with relative folders in it.
/** mode, recursive. */
export const MODE = `${STEPS}
mode=$1 recursive=$2
item() {
  found "$1" "$2"
  [ ! -L "./$name" ] || no 28 "A link has no permissions of its own."
  asked=$((0$mode)) digits=%o
  case $mode in ????) digits=%05o ;; esac
  if [ "$recursive" = no ] || [ ! -d "./$name" ]; then chmod -- "$(printf "$digits" "$asked")" "./$name" || exit 28; return; fi
  case :$PATH: in *:[!/]* | *::*) PATH=/usr/bin:/bin ;; esac
  opens=$(printf "$digits" $((asked | (asked & 0444) >> 2)))
  runs=$(printf %o $((asked & 0777))) plain=$(printf %o $((asked & 0666)))
  find "./$name" -type d ! -perm -700 -execdir chmod u+rwx {} \\; 2>/dev/null
  find "./$name" ! -type d ! -type l \\( -perm /111 -execdir chmod "$runs" {} + -o -execdir chmod "$plain" {} + \\) || bad=28
  find "./$name" -depth -type d -execdir chmod "$opens" {} + || bad=28
  exit "\${bad:-0}"
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
