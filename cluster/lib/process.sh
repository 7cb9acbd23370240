# shellcheck shell=bash
# Daemons by pid. A pid file alone proves nothing (the process may be gone and
# its number reused), so each daemon carries our directory in its environment
# or its arguments, and that is what is checked.

# True when PID runs and was started for this directory.
is_ours() {
  local pid=$1
  [ -n "$pid" ] && [ -r "/proc/$pid/environ" ] || return 1
  # sshd overwrites its environment with its process title; its arguments carry the path instead.
  grep -qzxF "BERTH_CLUSTER_DIR=$DIR" "/proc/$pid/environ" 2>/dev/null || grep -qF "$DIR/" "/proc/$pid/cmdline" 2>/dev/null
}

# Prints the pid of a running daemon; fails when it does not run.
pid_of() {
  local pid=""
  [ -r "$run/$1.pid" ] && read -r pid <"$run/$1.pid"
  is_ours "$pid" && printf '%s' "$pid"
}

# Prints a fingerprint of files; a daemon whose fingerprint changed is started anew.
fingerprint() { if [ $# -gt 0 ]; then cat -- "$@" | cksum; fi; }

# ensure_daemon NAME USER CONFIG_FILES -- PROGRAM ARGS...
# Starts it in the foreground mode of the program, detached from us. Returns 0 when it already ran.
ensure_daemon() {
  local name=$1 user=$2 configs=()
  shift 2
  while [ "$1" != -- ]; do configs+=("$1"); shift; done
  shift
  local now
  now=$(fingerprint "${configs[@]}")
  if pid_of "$name" >/dev/null; then
    if [ "$now" = "$(cat "$run/$name.configs" 2>/dev/null)" ]; then return 0; fi
    stop_daemon "$name"
  fi
  printf '%s\n' "$now" >"$run/$name.configs"
  launch "$name" "$user" "$@"
}

# No session variable may reach a daemon (slurmd would hand it on to jobs), and no open file either
# (a lock of whoever called us would be held for as long as the daemon runs).
launch() {
  local name=$1 user=$2 as=()
  shift 2
  if [ "$user" != root ]; then as=(setpriv "--reuid=$user" "--regid=$user" --init-groups); fi
  (
    for open in /proc/"$BASHPID"/fd/*; do
      open=${open##*/}
      if [ "$open" -gt 2 ]; then exec {open}>&-; fi
    done
    exec env -i PATH="$PATH" LANG=C.UTF-8 SLURM_CONF="$slurm_conf" MYSQL_UNIX_PORT="$database_socket" BERTH_CLUSTER_DIR="$DIR" \
      setsid "${as[@]}" "$@"
  ) </dev/null >>"$log/$name.log" 2>&1 &
  local pid=$!
  printf '%s\n' "$pid" >"$run/$name.pid"
  # Until the exec it is still a copy of this shell, which is_ours would not recognise.
  while ! is_ours "$pid" && kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
}

# wait_for NAME SECONDS CHECK...: until the check holds, or the daemon died, or time is up.
wait_for() {
  local name=$1 until=$((SECONDS + $2))
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    if ! pid_of "$name" >/dev/null; then
      fail "$name ended at once: $(last_words "$name")" "read $log/$name.log"
    fi
    if [ "$SECONDS" -ge "$until" ]; then
      fail "$name does not answer: $(last_words "$name")" "read $log/$name.log, then cluster/down --dir $DIR and cluster/up again"
    fi
    sleep 0.1
  done
}

last_words() { tail -n 2 "$log/$1.log" 2>/dev/null | tr '\n' ' '; }

# Ends a daemon: politely, then not. SECONDS (default 10) is how long politely lasts.
stop_daemon() {
  local name=$1 tries=$((${2:-10} * 10)) pid
  if pid=$(pid_of "$name"); then
    kill -TERM "$pid" 2>/dev/null || true
    while is_ours "$pid" && [ "$tries" -gt 0 ]; do
      sleep 0.1
      tries=$((tries - 1))
    done
    if is_ours "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$run/$name.pid" "$run/$name.configs"
}

# True when something accepts connections at ADDRESS PORT.
answers() { timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null; }

# Ends with a sentence when NAME is not running but its port is taken by somebody else.
port_must_be_free() {
  local name=$1 address=$2 port=$3
  if pid_of "$name" >/dev/null || ! answers "$address" "$port"; then return 0; fi
  fail "port $port is in use by: $(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:((//p' | head -n 1)" \
    "end that process, or choose another --copy"
}

# Prints every process below PID, not PID itself.
descendants() {
  local child
  while read -r child; do
    descendants "$child"
    printf '%s\n' "$child"
  done < <(cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' | sed '/^$/d')
}
