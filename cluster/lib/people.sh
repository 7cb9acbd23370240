# shellcheck shell=bash
# The Unix accounts of the test cluster. They are machine-wide and stay after
# `cluster/down --purge`, because homes may hold somebody's work and another copy may use them.

# name:shell:what is special about it
readonly people="
alice:/bin/bash:
bob:/bin/bash:
carol:/bin/bash:
dora:/bin/bash:
nora:/bin/bash:
tess:/bin/tcsh:
paul:/bin/bash:prints
slow:/bin/bash:sleeps
berth-poll:/bin/bash:
"

# Written into each account that we make. Whoever has a name of ours without it is somebody.
readonly people_comment="Berth test cluster"
homes=/home

rc_mark() { printf '# berth test cluster: %s' "$1"; }

# passwd(5): the fifth field is the comment, the sixth the home, the seventh the shell.
is_our_account() { [ "$(getent passwd "$1" | cut -d: -f5,6)" = "$people_comment:$homes/$1" ]; }

# Earlier versions wrote no comment. True when an account is in all as they left it: nothing of a person's is in it (a password,
# a key to log in with, a group), and those are there, too, whose rc files no person has.
is_as_earlier_versions_left_it() {
  local name=$1 shell=$2 home=$homes/$1
  [ "$(getent passwd "$name" | cut -d: -f5-)" = ":$home:$shell" ] &&
    [ "$(getent shadow "$name" | cut -d: -f2)" = '*' ] &&
    [ "$(stat -c '%U %a' "$home")" = "$name 700" ] &&
    [ "$(id -Gn "$name")" = "$name" ] &&
    [ ! -e "$home/.ssh/authorized_keys" ] &&
    [ "$(head -n 1 "$homes/paul/.bashrc")" = "$(rc_mark prints)" ] &&
    [ "$(head -n 1 "$homes/slow/.bashrc")" = "$(rc_mark sleeps)" ]
} 2>/dev/null

# Ends the script when an account of that name is there and not ours.
account_must_be_ours() {
  local name=$1 shell=$2
  id -u "$name" >/dev/null 2>&1 || return 0
  if [ "$(id -u "$name")" -lt 1000 ]; then
    fail "$name is a system account here (uid $(id -u "$name"))" "use a machine whose $name is an ordinary account, or none"
  fi
  if is_our_account "$name"; then return 0; fi
  if is_as_earlier_versions_left_it "$name" "$shell"; then
    usermod --comment "$people_comment" "$name"
    return 0
  fi
  fail "$name is somebody's account here, and cluster/up would let others in as $name" \
    "use another machine; or, if it was made for tests and its home is $homes/$name: usermod --comment '$people_comment' $name"
}

people_up() {
  local line name shell quirk
  # Clusters that start side by side on a fresh machine would make the same account twice, one with the other's home.
  exec 8>/run/lock/berth-cluster-people.lock
  flock 8
  # All of them before anything is made.
  for line in $people; do
    IFS=: read -r name shell quirk <<<"$line"
    account_must_be_ours "$name" "$shell"
  done
  for line in $people; do
    IFS=: read -r name shell quirk <<<"$line"
    make_account "$name" "$shell"
    if [ -n "$quirk" ]; then rc_file "$name" "$quirk"; fi
  done
  exec 8>&-
}

make_account() {
  local name=$1 shell=$2
  if ! id -u "$name" >/dev/null 2>&1; then
    useradd --comment "$people_comment" --create-home --home-dir "$homes/$name" --shell "$shell" "$name" ||
      fail "useradd $name did not work" "make the account by hand: home $homes/$name, shell $shell, comment '$people_comment'"
  fi
  # Without PAM sshd refuses a locked account (a password field that starts with '!')
  # before it looks at certificates; '*' is no password either, but not locked.
  case $(getent shadow "$name" | cut -d: -f2) in
    '!'*) usermod -p '*' "$name" ;;
  esac
  if [ "$(stat -c %a "$homes/$name")" != 700 ]; then chmod 700 "$homes/$name"; fi
}

# Rc files that misbehave the way real ones do. Debian's bash reads ~/.bashrc for a command over ssh too. The account itself
# reads and writes it: sessions run as it, and a link in its home must not lead root.
rc_file() {
  local file=$homes/$1/.bashrc mark lines='sleep 3'
  mark=$(rc_mark "$2")
  # shellcheck disable=SC2016
  if [ "$2" = prints ]; then
    lines='for line in $(seq 200); do echo "paul: welcome, line $line"; echo "paul: warning, line $line" >&2; done'
  fi
  # shellcheck disable=SC2016
  setpriv "--reuid=$1" "--regid=$1" --init-groups sh -c '
    if [ -r "$1" ]; then rest=$(cat "$1"); fi
    case ${rest-} in "$2"*) exit 0 ;; esac
    printf "%s\n%s\n%s\n" "$2" "$3" "${rest-}" >"$1"' sh "$file" "$mark" "$lines"
}
