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

people_up() {
  local line name shell quirk
  # Clusters that start side by side on a fresh machine would make the same account twice, one with the other's home.
  exec 8>/run/lock/berth-cluster-people.lock
  flock 8
  for line in $people; do
    IFS=: read -r name shell quirk <<<"$line"
    if ! id -u "$name" >/dev/null 2>&1; then
      useradd --create-home --home-dir "/home/$name" --shell "$shell" "$name" ||
        fail "useradd $name did not work" "make the account by hand: home /home/$name, shell $shell"
    fi
    if [ "$(id -u "$name")" -lt 1000 ]; then
      fail "$name is a system account here (uid $(id -u "$name"))" "use a machine whose $name is an ordinary account, or none"
    fi
    # Without PAM sshd refuses a locked account (a password field that starts with '!')
    # before it looks at certificates; '*' is no password either, but not locked.
    case $(getent shadow "$name" | cut -d: -f2) in
      '!'*) usermod -p '*' "$name" ;;
    esac
    if [ "$(stat -c %a "/home/$name")" != 700 ]; then chmod 700 "/home/$name"; fi
    if [ -n "$quirk" ]; then rc_file "$name" "$quirk"; fi
  done
  exec 8>&-
}

# Rc files that misbehave the way real ones do. Debian's bash reads ~/.bashrc for a command over ssh too.
rc_file() {
  local file=/home/$1/.bashrc mark="# berth test cluster: $2" rest=""
  if [ -r "$file" ] && [ "$(head -n 1 "$file")" = "$mark" ]; then return 0; fi
  if [ -r "$file" ]; then rest=$(cat "$file"); fi
  {
    printf '%s\n' "$mark"
    case $2 in
      prints)
        # shellcheck disable=SC2016
        printf '%s\n' 'for line in $(seq 200); do echo "paul: welcome, line $line"; echo "paul: warning, line $line" >&2; done'
        ;;
      sleeps) printf 'sleep 3\n' ;;
    esac
    printf '%s\n' "$rest"
  } >"$file"
  chown "$1:" "$file"
}
