# shellcheck shell=bash
# Places that are a person's own: read by job.sh, and by what the doctor runs on a node.

# Whether nobody else can replace what is mine in there, as a session's own directory is judged. A link is as good as its maker.
is_safe() {
  if [ -L "$1" ] && [ "$(stat -c %u -- "$1")" != 0 ]; then return 1; fi
  case $(stat -L -c '%u %A' -- "$1") in
    "0 d"????????[tT] | "$EUID d"????????[tT]) ;;
    *" d"???????w*) return 1 ;;
    "$EUID d"* | "0 d"????[!w]*) ;;
    *) return 1 ;;
  esac
}

# Makes the folder $1, an absolute path, and whatever it is to be in. Fails, and says why, where others could replace a part of it.
is_my_place() {
  local at="" rest=${1#/}
  while [ -n "$rest" ]; do
    at=$at/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest="" ;; esac
    [ -d "$at" ] || mkdir -m 700 -- "$at" || [ -d "$at" ] || return 1
    [ -z "$rest" ] || is_safe "$at" || { printf '%s\n' "$at: others may replace what is in it"; return 1; }
  done
  [ -O "$at" ] && ! [ -L "$at" ]
}
