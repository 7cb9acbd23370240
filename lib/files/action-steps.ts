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

/** A copy that is a week old and has no name yet was ended with its machine. Its mtime may be that of what is copied. */
const STALE_MINUTES = 10_080;

/**
 * For what is copied under a hidden name: `remove path`, also where folders in it are read only, as Go's modules are, and `sweep`, of
 * what was left in the folder where it stands.
 */
export const HIDDEN_COPY = `
remove() { folder "$1" && chmod -R u+rwX -- "$1" 2>/dev/null; rm -rf -- "$1"; }
sweep() {
  find . -maxdepth 1 -name '.berth-copy-*' -cmin +${STALE_MINUTES} -user "$(id -u)" -exec sh -c '
    [ -L "$1" ] || chmod -R u+rwX -- "$1"; rm -rf -- "$1"' sh {} \\; 2>/dev/null
  :
}
`;

export const STEPS = `${HIDDEN_COPY}
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
# What has a name of its own where the one it would have is taken: "name (2).txt", of "name" and ".txt".
numbered() { copies=2; while as="$1 ($copies)$2"; there "./$as"; do copies=$((copies + 1)); done; }
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
  ( place "$temp" "$to" ) || { code=$?; remove "$temp"; exit "$code"; }
}
unmade() { remove "$temp"; no 28 "$said"; }
# Runs what names each thing that it does, and tells how many those are so far. What it says of others is in $said, at most fifty.
counted() {
  said=$( { "$@" | {
    files=0
    while read -r line; do
      files=$((files + 1))
      [ $((files % 500)) != 0 ] || printf 'n\\0%s\\0%s\\0\\0' "$index" "$files" >&4
    done
  }; } 2>&1 | sed '51s/.*/...: more than these/; 52,$d' )
}
# A folder is done in part: each thing that is not is told, then the first of them for all.
partly() {
  [ -n "$said" ] && folder "$1" || no 28 "$said"
  printf '%s\\n' "$said" | while IFS= read -r line; do printf 'w\\0%s\\0\\0%s\\0' "$index" "\${line#*: }"; done
  no 40 "\${said%%"$NL"*}"
}
`;

/**
 * For actions that move: `renamed from to`, between the folders on descriptors 6 and 5. It renames and does nothing else; 18 where
 * that takes a copy. Not only another file system refuses it: from one fileset to another, or out of a project with a quota, one
 * file system does, too. There mv(1) copies straight under the final name, having removed what had it. Since coreutils 9.2 it can
 * be told not to; before, Python renames; where there is neither, devices and mounts tell as much as they can.
 */
export const RENAMED = `
NO_COPY=; mv --no-copy --version >/dev/null 2>&1 && NO_COPY=--no-copy
# The system's own: one from a module or a shim takes ten times as long to start, and is started for each thing.
PYTHON3=python3
for at in /usr/libexec/platform-python /usr/bin/python3; do [ ! -x "$at" ] || PYTHON3=$at; done
RENAMER='
import os, sys
old, new, replaces = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2]), sys.argv[3] == "yes"
def rename():
    if not replaces:
        # renameat2(2) with RENAME_NOREPLACE; not every file system has that, nor every C library.
        try:
            import ctypes
            if ctypes.CDLL(None, use_errno=True).renameat2(-100, old, -100, new, 1) == 0: return
            code = ctypes.get_errno()
            if code not in (22, 38): raise OSError(code, os.strerror(code))
        except (ImportError, AttributeError): pass
        if os.path.lexists(new): raise OSError(17, "File exists")
    os.rename(old, new)
    # Of two names of one file both stay.
    if os.path.lexists(old) and os.path.samestat(os.lstat(old), os.lstat(new)): os.unlink(old)
try: rename()
except OSError as reason: print(reason.strerror, file=sys.stderr); sys.exit({17: 24, 18: 18}.get(reason.errno, 28))
'
# Of the folder that is open there. One device may be mounted in several places.
volume() { stat -L -c %d -- "/proc/self/fd/$1"; sed -n 's/^mnt_id://p' "/proc/self/fdinfo/$1"; }
renamed() (
  [ "$(volume 5)" = "$(volume 6)" ] || exit 18
  if [ -z "$NO_COPY" ]; then
    said=$("$PYTHON3" -I -S -c "$RENAMER" "$1" "$2" "$overwrite" 2>&1); code=$?
    # Any other code is of a Python that does not start.
    case $code in 0 | 18 | 24) exit "$code" ;; 28) no 28 "$said" ;; esac
  fi
  how=-nT; [ "$overwrite" != yes ] || how=-fT
  said=$(mv $NO_COPY "$how" -- "$1" "$2" 2>&1) || {
    case $said in *": Invalid cross-device link") exit 18 ;; esac
    [ "$how" = -fT ] || ! there "$2" || exit 24
    no 28 "$said"
  }
  [ "$how" = -fT ] || ! there "$1" || exit 24
)
`;

/** \`across\`: what cannot be renamed is copied whole, with everything that it has, and then removed from where it was. */
export const ACROSS = `
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
across() {
  measure "./$name"; copy -aT
  said=$(rm -rf -- "./$name" 2>&1) || no 28 "It was copied, but could not be removed from where it was: $said"
}
`;
