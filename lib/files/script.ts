// What every script of the file manager begins with. The scripts are constants for a POSIX shell with GNU's find, stat, dd and
// tar; names come as arguments spelled in ASCII, because they may hold any byte. The kernel decides what the person may do;
// the roots are checked where the shell then stands or on what it has opened, never on a name that could point elsewhere later.

/** Exit codes of the scripts, beyond what a shell uses itself. */
export const exits = {
  outside: 21,
  gone: 22,
  denied: 23,
  exists: 24,
  special: 25,
  noFolder: 26,
  changed: 27,
  failed: 28,
  isFolder: 29,
  short: 32,
  folderThere: 33,
  folderComes: 34,
  intoItself: 35,
  unconfirmed: 36,
  slow: 37,
  deadLink: 38,
} as const;

/** A word as `raw` reads it: printable ASCII as it is, everything else in octal for printf's `%b`. */
export function word(value: Uint8Array | string | number): string {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value));
  const spelled = (byte: number) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`;
  return Array.from(bytes, spelled).join("");
}

// After it: $HERE is where `enter` stands, $REAL what `opened` has open on descriptor 3, $FACTS what tells this state of it from
// others (inode, size, time of change), its mode and its kind.
// cd -P and pwd -P: the path without links. A root whose name holds a newline is left out, the list is one of lines. Roots are
// looked at one after the other, and only until one matches: a file system that hangs stops nothing that is in a root before
// it, and no other for longer than three seconds. The home is not timed: the login stands in it.
const PRELUDE = `
LC_ALL=C; export LC_ALL; unset CDPATH
NL='
'
raw() { R=$(printf '%b.' "$1"); R=\${R%.}; }
path() { raw "$1"; case $R in "~") R=$HOME ;; "~/"*) R=$HOME/\${R#??} ;; esac; }
here() { HERE=$(pwd -P; printf .); HERE=\${HERE%"$NL".}; }
no() { [ -z "\${2-}" ] || printf '%s\\n' "$2" >&2; exit "$1"; }
GIVEN= ROOTS= SLOW= count=$1; shift
while [ "$count" -gt 0 ]; do GIVEN=$GIVEN$1$NL; shift; count=$((count - 1)); done
real() {
  path "$1"
  case $1 in
    "~") cd -P -- "$R" && pwd -P && printf . ;;
    *) timeout -k 1 2 /bin/sh -c 'cd -P -- "$1" && pwd -P && printf .' sh "$R" ;;
  esac 2>/dev/null
}
inside() {
  left=$ROOTS
  while [ -n "$left" ]; do
    ROOT=\${left%%"$NL"*}; left=\${left#*"$NL"}
    case $1/ in "$ROOT"/*) return 0 ;; esac
  done
  while [ -n "$GIVEN" ]; do
    ROOT=$(real "\${GIVEN%%"$NL"*}") || { case $? in 124 | 137) SLOW=yes ;; esac; ROOT=; }
    GIVEN=\${GIVEN#*"$NL"}
    ROOT=\${ROOT%"$NL".}
    case $ROOT in "" | *"$NL"*) continue ;; /) ROOT= ;; esac
    ROOTS=$ROOTS$ROOT$NL
    case $1/ in "$ROOT"/*) return 0 ;; esac
  done
  return 1
}
outside() { [ -z "$SLOW" ] || exit ${exits.slow}; exit ${exits.outside}; }
# Below a folder whose name begins with a dot programs read files on their own: ~/.ssh, ~/.config.
confirmed() { case \${HERE#"$ROOT"}/ in */.*) [ "$1" = yes ] || exit ${exits.unconfirmed} ;; esac }
why() {
  said=$(ls -d -- "$1" 2>&1 >/dev/null)
  case $said in
    *"ermission denied"*) exit ${exits.denied} ;;
    *"No such file"* | *"Not a directory"*) exit ${exits.gone} ;;
    "") [ -d "$1" ] && exit ${exits.denied}; exit ${exits.noFolder} ;;
    *) no ${exits.failed} "$said" ;;
  esac
}
enter() {
  path "$1"
  cd -P -- "$R" 2>/dev/null || why "$R"
  here; inside "$HERE" || outside
}
there() { [ -e "$1" ] || [ -L "$1" ]; }
folder() { [ -d "$1" ] && [ ! -L "$1" ]; }
opened() {
  enter "$1"; raw "$2"; leaf=./$R
  [ -e "$leaf" ] || { [ -L "$leaf" ] && exit ${exits.gone}; why "$leaf"; }
  [ -d "$leaf" ] && exit ${exits.isFolder}
  [ -f "$leaf" ] || exit ${exits.special}
  [ -r "$leaf" ] || exit ${exits.denied}
  exec 3<"$leaf"
  REAL=$(readlink /proc/self/fd/0 <&3; printf .); REAL=\${REAL%"$NL".}
  inside "$REAL" || outside
  case $REAL in /proc/* | /sys/* | /dev/*) exit ${exits.special} ;; esac
  FACTS=$(stat -c '%i-%s-%.9Y %a %f' - <&3)
  case \${FACTS##* } in 8???) ;; *) exit ${exits.special} ;; esac
}
`;

/** A script of the file manager, as the argv that runs it. `roots` as configured, `args` as the script counts them. */
export function scriptArgv(body: string, roots: string[], args: (Uint8Array | string | number)[]): string[] {
  return ["/bin/sh", "-c", PRELUDE + body, "sh", String(roots.length), ...roots.map(word), ...args.map(word)];
}
