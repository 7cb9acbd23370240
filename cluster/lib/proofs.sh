# shellcheck shell=bash
# The proofs of cluster/selftest. Each is a function that fails when what its line says is not so.

passed=0 failed=0

# prove SENTENCE FUNCTION: runs it in a subshell, so that one failure does not end the others.
prove() {
  local started=$SECONDS rc
  # Not `(...) || rc=$?`: bash ignores set -e in such a subshell, and only the last line of a proof would count.
  set +e
  (set -e; "$2") >"$work/out" 2>&1 </dev/null
  rc=$?
  set -e
  if [ "$rc" = 0 ]; then
    passed=$((passed + 1))
    printf 'pass  %s (%s s)\n' "$1" "$((SECONDS - started))"
  else
    failed=$((failed + 1))
    printf 'FAIL  %s (%s s)\n' "$1" "$((SECONDS - started))"
    sed 's/^/      /' "$work/out" | tail -n 12
  fi
}

# within SECONDS COMMAND...: waits until the command succeeds.
within() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$until" ]; then echo "did not happen: $*"; return 1; fi
    sleep 0.2
  done
}

# refused COMMAND...: succeeds when the command fails.
refused() { if "$@"; then echo "was not refused: $*"; return 1; fi; }

certify() {
  local key=$work/$1
  rm -f "$key" "$key.pub" "$key-cert.pub"
  ssh-keygen -q -t ed25519 -N '' -f "$key"
  ssh-keygen -q -s "$DIR/ca" -I "selftest $1" -n "$1" -V -1m:+30m "$key.pub"
}

# as USER COMMAND: over ssh with USER's certificate, at the address in $login.
as() {
  local user=$1
  shift
  if [ ! -e "$work/$user-cert.pub" ]; then certify "$user"; fi
  ssh_with "$user" "$user" "$@"
}

# ssh_with KEY USER COMMAND: the key's certificate, whoever it is for.
ssh_with() {
  local key=$1 user=$2 options=(-F none -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10)
  shift 2
  printf '[%s]:%s %s\n' "${login:-$ctl_address}" "$ssh_port" "$(cat "$DIR/etc/ssh/ssh_host_ed25519_key.pub")" >"$work/known"
  timeout 60 ssh "${options[@]}" -o UserKnownHostsFile="$work/known" -i "$work/$key" -p "$ssh_port" "$user@${login:-$ctl_address}" "$@"
}

# submit USER OPTIONS <SCRIPT: prints the job id.
submit() {
  local user=$1
  shift
  ssh_in "$user" "sbatch --parsable -o /dev/null $*"
}

# As `as`, with our stdin.
ssh_in() { as "$@"; }

state_of() { sacct -X -n -P -j "$1" -o state | head -n 1; }
state_is() { case $(state_of "$1") in "$2"*) true ;; *) false ;; esac; }
runs() { [ "$(squeue -h -j "$1" -o %T 2>/dev/null)" = RUNNING ]; }

start_both() {
  local second
  ./up --dir "$neighbour_dir" --copy "$neighbour" --quiet &
  second=$!
  ./up --dir "$DIR" --copy "$copy" --quiet
  wait "$second"
  ./status --dir "$DIR"
  ./status --dir "$neighbour_dir"
}

submit_limited() { printf '#!/bin/sh\nsleep 600\n' | submit alice --time=1 >"$work/limited"; }
limit_enforced() { within 120 state_is "$(cat "$work/limited")" TIMEOUT; }

up_again() {
  local before after started
  before=$(cat "$DIR"/run/*.pid)
  started=$(date +%s%N)
  ./up --dir "$DIR"
  echo "took $((($(date +%s%N) - started) / 1000000)) ms"
  after=$(cat "$DIR"/run/*.pid)
  [ "$before" = "$after" ] && [ $((($(date +%s%N) - started) / 1000000)) -lt 3000 ]
}

login_both() {
  [ "$(as alice id -un)" = alice ]
  login=${login_addresses[1]}
  [ "$(as alice id -un)" = alice ]
}

login_refused() {
  certify alice
  refused ssh_with alice bob true
  certify root
  refused ssh_with root root true
  ssh-keygen -q -t ed25519 -N '' -f "$work/plain"
  refused ssh_with plain alice true
  # A certificate that has run out.
  ssh-keygen -q -s "$DIR/ca" -I old -n alice -V -2h:-1h "$work/plain.pub"
  refused ssh_with plain alice true
}

login_quirks() {
  local person
  for person in tess paul slow; do as "$person" id -un | grep -qx "$person"; done
  as paul true | grep -q 'welcome, line 200'
}

job_seen() {
  local id
  id=$(printf '#!/bin/sh\nsleep 300\n' | submit alice --time=5)
  within 20 runs "$id"
  [ "$(as alice "squeue -h -j $id -o %u")" = alice ]
  [ "$(as berth-poll "squeue -h -j $id -o %u")" = alice ]
  [ "$(ps -o user= -p "$(job_pid "$id")")" = alice ]
  as alice "scancel $id"
}

# The pid of a job's script; it appears a moment after the job counts as running.
job_pid() { within 10 pgrep -o -u alice -f "$DIR/spool/.*/job0*$1/slurm_script"; }

forward_works() {
  local id address port=$((node_port_base + 80))
  address=$(node_address 0)
  id=$(printf '#!/bin/sh\nexec /usr/bin/python3 -m http.server --bind %s %s\n' "$address" "$port" | submit alice --time=5 -w "${nodes[0]}")
  within 20 runs "$id"
  within 20 fetch_through "$address" "$port"
  as alice "scancel $id"
}

# -W joins our stdin and stdout to the node's port.
fetch_through() { { printf 'GET / HTTP/1.0\r\n\r\n'; sleep 1; } | ssh_with alice alice -W "$1:$2" | grep -q '200 OK'; }

memory_enforced() {
  local id
  id=$(printf '#!/bin/sh\nexec /usr/bin/python3 -c "x = b\\"1\\" * (3 << 30)"\n' | submit alice --time=5 --mem=1G)
  within 40 state_is "$id" OUT_OF_MEMORY
}

gpus_assigned() {
  local id
  id=$(as alice 'sbatch --parsable -p gpu --gres=gpu:a100:2 --time=5 -o gpus.txt --wrap "env | grep ^CUDA_VISIBLE_DEVICES="')
  within 30 state_is "$id" COMPLETED
  grep -qx CUDA_VISIBLE_DEVICES=0,1 /home/alice/gpus.txt
  sacct -X -n -P -j "$id" -o alloctres | grep -q 'gres/gpu=2'
}

modules_work() {
  local id script
  as alice 'printf "GREETING=a b\0" >values.env; chmod 600 values.env'
  for script in '#!/bin/bash' "#!/bin/sh\n. $lmod_init"; do
    id=$(printf '%b\nmodule load hello || exit 3\nhello\necho "$GREETING"\n' "$script" |
      as alice 'sbatch --parsable --time=5 -o modules.txt --export=NIL --export-file=$HOME/values.env')
    within 30 state_is "$id" COMPLETED
    grep -qx 'hello from version 1.0' /home/alice/modules.txt
    grep -qx 'a b' /home/alice/modules.txt
  done
}

cancel_works() {
  local id started
  id=$(printf '#!/bin/sh\nsleep 600\n' | submit alice --time=5)
  within 20 runs "$id"
  started=$SECONDS
  as alice "scancel $id"
  within 10 state_is "$id" CANCELLED
  echo "took $((SECONDS - started)) s"
}
