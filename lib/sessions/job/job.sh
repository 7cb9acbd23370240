#!/bin/bash
# The job of every session: claims its directory, prepares, runs the template's script, ends it in time, cleans up.
# A constant: all that differs between sessions comes as BERTH_... environment variables. It needs nothing of the
# portal while it runs. Files in BERTH_JOB_DIR (0700): claim/<job id>, deadline (epoch seconds, without suspensions), connection (JSON,
# once the app listens), secret, ended (one line: reason and exit code; lib/sessions/rules.ts has a sentence for each),
# log with log.older and log.tail.
set -u
umask 077
cd "$BERTH_JOB_DIR" || exit 70

job=${SLURM_JOB_ID:-${BERTH_JOB_ID:-unknown}}
check_seconds=${BERTH_CHECK_SECONDS:-15}
app='' door='' scratch='' socket_dir='' no_special='' log_writer='' oom_file='' stood_still=0

# Until the end nothing is substituted by $(...) where a builtin will do: bash 5.2 sometimes loses a signal that comes meanwhile
# (5 of 150 right after the connection was there, none of 300 without), and a job that does not hear TERM is killed.
say() { TZ=UTC0 printf '%(%H:%M:%S)T %s\n' -1 "$*"; }

# A second job for the same session must not run: renaming onto a directory that is not empty fails atomically.
# The same job started again (a requeue) finds its own claim and goes on.
claim() {
  mkdir -p ".claim.$job/$job" && mv -T ".claim.$job" claim 2>/dev/null && return 0
  rm -rf ".claim.$job"
  [ -d "claim/$job" ]
}

# An app may print for ever; the quota of its person must not pay for it. What is printed first goes to the log, what
# follows to log.tail, which becomes log.older when it is full: 1 MiB and 2 x 2 MiB at most, whatever is printed, lines
# or not. head takes exactly its bytes, so nothing is lost between two of them.
bounded_log() {
  # Ends when nobody can print any more, not when the job is told to end: that is when people look.
  trap '' TERM INT HUP
  local whole=${BERTH_LOG_BYTES:-2097152} now=''
  # head writes in blocks of 4 KiB otherwise, and a log should be live.
  stdbuf -o0 true 2>/dev/null && now='stdbuf -o0'
  $now head -c $((whole / 2))
  # More than that was printed: one byte tells.
  $now head -c 1 > log.tail
  if [ -s log.tail ]; then printf '\n[more in log.older and log.tail; what was between is not kept]\n'; else rm -f log.tail; fi
  while [ -f log.tail ]; do
    $now head -c $((whole - 1)) >> log.tail || break
    [ "$(wc -c < log.tail)" -ge "$whole" ] || break
    mv -f log.tail log.older
    $now head -c 1 > log.tail || break
  done
  # On a full disk nothing more is kept, but nobody who prints may wait for us, or die of it.
  cat > /dev/null
}

# From here on everything printed goes through bounded_log. Where the directory can hold no named pipe, a node's /tmp can.
bound_log() {
  local pipe=.log.pipe aside=''
  rm -f log.tail log.older "$pipe"
  if ! mkfifo "$pipe" 2>/dev/null; then
    no_special=1
    aside=$(mktemp -d /tmp/berth.XXXXXXXXXX) || { say "the log is not bounded"; return; }
    pipe=$aside/pipe
    mkfifo "$pipe" || { rm -rf -- "$aside"; say "the log is not bounded"; return; }
  fi
  bounded_log < "$pipe" 2> /dev/null &
  log_writer=$!
  exec > "$pipe" 2>&1
  rm -rf -- "$pipe" "$aside"
}

random_hex() { od -An -v -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Exit 0: a process of this user listens on the port and nobody else does; 2: somebody else does; 1: nobody.
# /proc/net/tcp names the uid of every listening socket, so another user's server is never taken for ours.
listening() {
  local hex
  printf -v hex ':%04X' "$1"
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" -v uid="$EUID" '
    $4 == "0A" && substr($2, length($2) - 4) == port { if ($8 == uid) mine = 1; else other = 1 }
    END { exit other ? 2 : mine ? 0 : 1 }'
}

choose_port() {
  while :; do
    BERTH_PORT=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    listening "$BERTH_PORT"
    [ $? -eq 1 ] && break
  done
  export BERTH_PORT
}

# Written beside and renamed, so that a reader sees all of it or nothing.
publish() {
  printf '{"start":"%s","job":"%s","port":%d,"secret":"%s"}\n' "$start" "$job" "$1" "$known" > .connection.new
  mv -f .connection.new connection
  say "listening on port $1 of $node"
}

stop_group() {
  [ -n "$1" ] || return 0
  # Just started, it may not lead a group of its own yet.
  kill -TERM -- "-$1" 2>/dev/null || kill -TERM "$1" 2>/dev/null || return 0
  local tries most=${BERTH_STOP_SECONDS:-10}
  for ((tries = 0; tries < most; tries++)); do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 1
  done
  say "still running after $tries s: killed"
  kill -KILL -- "-$1" 2>/dev/null
}

# Every end passes here: nothing of the session stays but its log and the reason.
end() {
  trap '' TERM INT
  printf '%s %s\n' "$1" "$2" > .ended.new && mv -f .ended.new ended
  rm -f connection secret
  stop_group "$app"
  stop_group "$door"
  if [ -n "$scratch" ]; then rm -rf -- "$scratch"; fi
  if [ -n "$socket_dir" ]; then rm -rf -- "$socket_dir"; fi
  say "ended: $1"
  # What is on its way to the log still arrives; what left the app's group and prints on must not hold the job.
  exec > /dev/null 2>&1
  local tries
  for tries in {1..20}; do
    kill -0 "${log_writer:-none}" || break
    sleep 0.1
  done
  exit "$2"
}

# The exit code tells where not even the reason can be written down.
no_room() {
  say "cannot write in $BERTH_JOB_DIR: is the disk or the quota full?"
  end disk 74
}

make_scratch() {
  [ -n "${BERTH_SCRATCH:-}" ] || return 0
  # shellcheck disable=SC1091
  . "$BERTH_JOB_DIR/place.sh"
  # Every part of it: scratch is often shared, and its names are no secret.
  is_my_place "$BERTH_SCRATCH" || { say "cannot make scratch $BERTH_SCRATCH"; end scratch 73; }
  scratch=$BERTH_SCRATCH
  export TMPDIR=$scratch
  say "scratch $scratch"
}

load_modules() {
  [ -n "${BERTH_MODULES:-}" ] || return 0
  # The site's init script is not ours: it may read unset variables.
  set +u
  # shellcheck disable=SC1090
  . "$BERTH_MODULES_INIT" || { say "cannot read $BERTH_MODULES_INIT"; end modules 72; }
  [ -z "${BERTH_MODULES_PATH:-}" ] || module use "$BERTH_MODULES_PATH"
  local name
  for name in $BERTH_MODULES; do
    module load "$name" || { say "module load $name failed"; end modules 72; }
  done
  set -u
  say "modules: $BERTH_MODULES"
}

# The app gets a process group of its own, so that ending it ends its children, and the person's own umask: what they save is
# theirs to share. srun inside of it takes SLURM_UMASK, which is that of the submission.
start_app() {
  local mask=${BERTH_UMASK:-022}
  (
    umask "$mask"
    [ -z "${SLURM_UMASK:-}" ] || export SLURM_UMASK=$mask
    exec setsid /bin/bash "$BERTH_JOB_DIR/script.sh"
  ) < /dev/null &
  app=$!
}

# auth: app. The app listens on the port itself and verifies the secret. Somebody may take the port between the
# look and the bind: then the app ends, or the socket is not ours, and another port is tried.
start_on_port() {
  local attempt
  for attempt in 1 2 3; do
    choose_port
    start_app
    while kill -0 "$app" 2>/dev/null; do
      listening "$BERTH_PORT"
      case $? in
        0) publish "$BERTH_PORT"; return ;;
        2) say "port $BERTH_PORT was taken by another user"; stop_group "$app"; break ;;
      esac
      due && end deadline 0
      sleep 0.2
    done
    listening "$BERTH_PORT"
    [ $? -eq 2 ] || break
    say "trying another port ($attempt)"
  done
}

# auth: door. The door binds a port of the kernel's choice, so there is nothing to race for.
start_behind_door() {
  export BERTH_SOCKET=$BERTH_JOB_DIR/app.sock
  # A socket's path has at most 107 bytes (unix(7)), and what holds no pipe holds no socket: such a session directory gets a private
  # place on the node.
  if [ "${#BERTH_SOCKET}" -gt 100 ] || [ -n "$no_special" ]; then
    socket_dir=$(mktemp -d /tmp/berth.XXXXXXXXXX) || { say "cannot write in /tmp"; end disk 73; }
    BERTH_SOCKET=$socket_dir/app.sock
  fi
  local upstream=$BERTH_SOCKET tries port
  rm -f app.sock door.port
  if [ "${BERTH_UPSTREAM:-socket}" = loopback ]; then
    choose_port
    upstream=$BERTH_PORT
  fi
  # The node's own, with nothing of the person's: what their modules or PYTHONPATH bring is for the app. Where the node has none,
  # the one that a module brings needs its libraries.
  [ -n "$python" ] || libraries=${LD_LIBRARY_PATH:-}
  LD_LIBRARY_PATH=$libraries setsid "${python:-python3}" -I "$BERTH_JOB_DIR/door.py" "$BERTH_JOB_DIR" "$upstream" < /dev/null &
  door=$!
  start_app
  for ((tries = 1; tries <= 300; tries++)); do
    if [ -s door.port ]; then read -r port < door.port; publish "$port"; return; fi
    kill -0 "$door" 2>/dev/null || { say "the door did not start ($tries)"; end door 71; }
    look_at_clock 5
    sleep 0.1
  done
  end door 71
}

# Processes of this job that the kernel killed for want of memory. Slurm counts them but lets the rest run on: a notebook
# would start a new kernel and hide that everything in it is lost. Only a cgroup of this very job counts (v1, then v2).
find_oom_file() {
  local line path='' file
  while read -r line; do
    if [[ $line =~ ^([0-9]+:memory|0:):(/.*/job_$job/.*) ]]; then path=${BASH_REMATCH[2]}; break; fi
  done < /proc/self/cgroup
  [ -n "$path" ] || return 0
  for file in "/sys/fs/cgroup/memory$path/memory.oom_control" "/sys/fs/cgroup$path/memory.events"; do
    [ -r "$file" ] && { oom_file=$file; return; }
  done
}

# Asked each second: without starting a program.
was_oom_killed() {
  [ -n "$oom_file" ] || return 1
  local name count
  while read -r name count; do
    [ "$name" = oom_kill ] && [ "$count" -gt 0 ] && return 0
  done 2>/dev/null < "$oom_file"
  return 1
}

# Who was suspended has as much time left as before: the scheduler's own limit stands still as well. This is asked every second,
# so more than $1 seconds since the last time are no busy node; of the second that passes anyway nothing is given back.
look_at_clock() {
  local before=$clock
  printf -v clock '%(%s)T' -1
  [ $((clock - before)) -gt "$1" ] || return 0
  stood_still=$((stood_still + clock - before - 1))
  say "stood still for $((clock - before)) s"
}

# By the clock as it was just looked at: a suspension that comes after that is seen the next time. The file is on storage that
# may hang for minutes, in which the app runs on: what reading takes is no suspension.
due() {
  local at='' now
  look_at_clock 5
  now=$clock
  { read -r at < deadline; } 2>/dev/null
  printf -v clock '%(%s)T' -1
  [ $((now - stood_still)) -ge "${at:-9999999999}" ]
}

if ! claim; then
  [ ! -d claim ] || { say "another job holds this session: nothing to do"; exit 75; }
  no_room
fi
start=$(random_hex 8) node=$(uname -n)
# Never a part of the app's environment.
declare +x known=''
trap 'end terminated 143' TERM INT
bound_log
# Should the log's writer be killed, printing must not end us before everything is cleaned up. A trap that does something
# is not passed on to the app, as an ignored signal would be.
trap : PIPE
rm -f connection ended
random_hex 32 > secret
{ read -r known < secret; } 2>/dev/null
# When the clock was last looked at.
printf -v clock '%(%s)T' -1
echo $((clock + BERTH_MINUTES * 60)) > deadline
# On a full disk both would be empty: an app without a secret is open to everybody, and one without a deadline stays.
if [ "${#known}" -ne 64 ] || ! [ -s deadline ]; then
  no_room
fi
say "job $job on $node, ${BERTH_MINUTES} min"

make_scratch
hash python3 2> /dev/null
python=${BASH_CMDS[python3]:-} libraries=${LD_LIBRARY_PATH:-}
load_modules
# Of an earlier start there may be files of an app that runs no more.
rm -rf home-runtime
mkdir -p home-runtime
export BERTH_SECRET_FILE=$BERTH_JOB_DIR/secret BERTH_RUNTIME=$BERTH_JOB_DIR/home-runtime
workdir=${BERTH_WORKDIR:-$HOME}
workdir=${workdir/#\~/$HOME}
[ -d "$workdir" ] || { say "the folder $workdir is not there"; end folder 66; }
export BERTH_WORKDIR=$workdir

look_at_clock 60 # modules may take long to load
if [ "${BERTH_AUTH:-app}" = door ]; then start_behind_door; else start_on_port; fi

# Memory is looked at each second. The deadline is on storage that many jobs share and is looked at less often.
find_oom_file
look_at=0
while kill -0 "$app" 2>/dev/null; do
  if [ "$SECONDS" -ge "$look_at" ]; then
    due && end deadline 0
    look_at=$((SECONDS + check_seconds))
  fi
  if was_oom_killed; then say "a process was killed: out of memory"; end out-of-memory 137; fi
  if [ -n "$door" ] && ! kill -0 "$door" 2>/dev/null; then say "the door ended"; end door 71; fi
  look_at_clock 5
  sleep 1 &
  wait -n # also for the app and the door
done
wait "$app"
code=$?
if [ "$code" -eq 0 ]; then end finished 0; else end failed "$code"; fi
