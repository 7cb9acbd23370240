// The scripts of the actions on files, of which act-on-files.ts says what they are for. What they print is in action-steps.ts.
import { ACROSS, HIDDEN_COPY, LOOP, RENAMED, STEPS } from "@/lib/files/action-steps";

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

/** folder, overwrite, id, confirm. */
export const MOVE = `${STEPS}${RENAMED}${ACROSS}
into "$1"; confirmed "$4"; sweep; overwrite=$2 id=$3
item() {
  found "$1" "$2"; to=/proc/self/fd/5/$name
  not_into_itself; exec 6<.
  # One folder may be mounted in two places: what is moved there is there.
  [ ! . -ef /proc/self/fd/5 ] || { tell "$INTO/$name"; return; }
  may_be "./$name" "$to"
  renamed "./$name" "$to"; code=$?
  case $code in 0) ;; 18) across ;; *) exit "$code" ;; esac
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
# In its own folder a copy has a number before its ending, and nothing is replaced.
beside() {
  ending=
  folder "./$name" || case $name in
    ?*.tar.*.*) ending=.\${name##*.} ;;
    ?*.tar.?*) ending=.tar.\${name##*.} ;;
    ?*.*) ending=.\${name##*.} ;;
  esac
  case $ending in .?????????????* | *[!.a-zA-Z0-9]*) ending= ;; esac
  overwrite=no
  numbered "\${name%"$ending"}" "$ending"
}
into "$1"; confirmed "$4"; sweep; overwrite=$2 id=$3
item() {
  found "$1" "$2"; as=$name
  [ ! . -ef /proc/self/fd/5 ] || beside
  to=/proc/self/fd/5/$as
  not_into_itself; may_be "./$name" "$to"
  folder "./$name" && { [ -r "./$name" ] && [ -x "./$name" ] || exit 23; }
  measure "./$name"; copy -dRT --preserve=timestamps,links
  [ -z "$missed" ] || printf '%s\\n' "$missed" | while IFS= read -r line; do printf 'w\\0%s\\0\\0%s\\0' "$index" "\${line#cp: }"; done
  tell "$INTO/$as"
}
${LOOP}`;

/** folder, id: what a copy or move that was cancelled leaves behind. */
export const UNCOPY = `${HIDDEN_COPY}
enter "$1"; id=$2
for left in "./.berth-copy-$id" ./.berth-copy-"$id"-*; do remove "$left"; done`;

export const DELETE = `${STEPS}
item() {
  found "$1" "$2"
  counted rm -rfv -- "./$name"
  ! there "./$name" || partly "./$name"
}
${LOOP}`;

// chmod(1) changes the set-id bits of a folder only for a mode of five digits: four say what they are to be, three leave them.
// With all that is in a folder: files get the bits to read and write, and those to execute only where somebody could execute
// before; folders can be opened by whoever can read them. First the person's own folders are opened, so that all is reached, and a
// folder gets its mode after what is in it. -execdir goes through no link, but refuses a PATH with relative folders in it.
/** mode, recursive. */
export const MODE = `${STEPS}
mode=$1 recursive=$2
all() {
  find "./$name" ! -type d ! -type l \\( -perm /111 -execdir chmod -v "$runs" {} + -o -execdir chmod -v "$plain" {} + \\)
  find "./$name" -depth -type d -execdir chmod -v "$opens" {} +
}
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
  counted all
  [ -z "$said" ] || partly "./$name"
}
${LOOP}`;
