// The one shell program that makes a job's directory and then runs the scheduler's own command in it. A constant: values
// arrive as arguments and on stdin, never in its text. POSIX sh, tar and coreutils are all it needs.

/** Stands for the absolute directory in the arguments of the command. */
export const DIRECTORY = "@BERTH_JOB_DIR@";

/** Exit code when a job has already started in the directory: nobody may stage over it. */
export const ALREADY_STARTED = 75;

/** For a shell that is about to ask Slurm for a job. */
export const CLEAR_SLURM = `# A variable such as SBATCH_ARRAY_INX in somebody's .bashrc must not change what is submitted.
for name in $(env | sed -n 's/^\\(S[A-Z]*_[A-Z0-9_]*\\)=.*/\\1/p'); do
  case $name in
    SLURM_CONF) ;;
    SBATCH_*|SLURM_*) unset "$name" ;;
  esac
done
`;

/**
 * sh -c STAGE_SCRIPT sh DIRECTORY TAG -- COMMAND [ARGUMENT...], an archive of the files on stdin.
 * Prints `directory ABSOLUTE` just before the command; when that line is missing, nothing was run.
 */
export const STAGE_SCRIPT = `
set -f
# The words of mkdir and tar are matched, so they are to be English.
LC_ALL=C
export LC_ALL
# What the job's app makes is for whom the person's own shell says; what is ours is for nobody else.
BERTH_UMASK=$(umask)
export BERTH_UMASK
umask 077
made=
fail() {
  printf '%s\\n' "$1" >&2
  if [ -n "$made" ]; then cd / && rm -rf -- "$made"; fi
  exit "\${2:-73}"
}

# Every directory on the way must be the person's or root's, and nobody else may be able to swap it. A group may write in
# the person's own: many sites give everybody a group of their own. The last one is tightened further down.
trusted() {
  set -- $(ls -ldn -- "$1")
  [ "$3" = 0 ] || [ "$3" = "$me" ] || return 1
  case $1 in
    d????????[tT]*) return 0 ;;
    d???????w*) [ "$3" = "$me" ] && [ -z "$rest" ] ;;
    d????w*) [ "$3" = "$me" ] ;;
    d*) return 0 ;;
    *) return 1 ;;
  esac
}
check() {
  # A site may have made /scratch a link; below a home nobody else has any business making one.
  if [ -L "$1" ]; then
    [ -z "$below_home" ] && [ "$(owner_of "$1")" = 0 ] || fail "$1 is a symbolic link."
  fi
  [ -d "$1" ] || fail "$1 is not a directory."
  trusted "$1/." || fail "$1 belongs to somebody else, or others may replace what is in it."
}
owner_of() {
  set -- $(ls -ldn -- "$1")
  printf '%s' "$3"
}

wanted=$1 tag=$2
shift 3
below_home=
me=$(id -u) || fail "id: cannot tell who I am."
case $wanted in
  "~/"*) at=\${HOME%/} rest=\${wanted#"~/"} below_home=1 ;;
  /*) at= rest=\${wanted#/} ;;
  *) fail "Not an absolute directory: $wanted" ;;
esac
case /$rest/ in */../*|*/./*|*//*) fail "Not a plain path: $wanted" ;; esac

while [ -n "$rest" ]; do
  part=\${rest%%/*}
  case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
  at=$at/$part
  if [ ! -e "$at" ] && [ ! -L "$at" ]; then
    if words=$(mkdir -- "$at" 2>&1); then
      [ -n "$rest" ] || made=$at
    else
      # Two jobs of one person may make the same parent at the same moment.
      [ -d "$at" ] || fail "$words"
    fi
  fi
  check "$at"
done
[ ! -L "$at" ] && [ "$(owner_of "$at")" = "$me" ] || fail "$at is not your own directory."
cd -- "$at" || fail "cannot enter $at"

if [ -z "$made" ]; then
  [ ! -e claim ] || fail "A job has already started in $at." ${ALREADY_STARTED}
  if [ -s tag ]; then
    [ "$(cat tag)" = "$tag" ] || fail "$at belongs to another job."
  else
    # An empty tag alone is what a staging leaves that was killed while it wrote it.
    [ -z "$(ls -A | grep -vx tag)" ] || fail "$at exists and is not empty."
  fi
  chmod 700 . || fail "cannot change the mode of $at"
fi
words=$( { printf '%s' "$tag" >tag; } 2>&1 ) || fail "$words"
words=$(tar -xf - 2>&1) || fail "$words"
words=$( { printf 'BERTH_UMASK=%s\\000BERTH_JOB_DIR=%s\\000' "$BERTH_UMASK" "$at" >>environment; } 2>&1 ) || fail "$words"

${CLEAR_SLURM}for argument do
  case $argument in
    *${DIRECTORY}*) argument=\${argument%%${DIRECTORY}*}$at\${argument#*${DIRECTORY}} ;;
  esac
  set -- "$@" "$argument"
  shift
done
printf 'directory %s\\n' "$at"
exec "$@" </dev/null
`;
