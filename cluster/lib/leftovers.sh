# shellcheck shell=bash
# What outlives the daemons: job processes (slurmstepd detaches from slurmd,
# jobs from their ssh session) and their cgroups. All of it is found by what
# only this copy has: node names in cgroup paths, our directory in the environment.

# Cancels every job and waits a few seconds for the queue to empty.
cancel_jobs() {
  local tries=60
  slurmctld_answers 2>/dev/null || return 0
  squeue -h -o %i 2>/dev/null | grep -q . || return 0
  timeout 10 squeue -h -o %A | sort -u | xargs -r scancel 2>/dev/null || true
  while [ "$tries" -gt 0 ] && squeue -h -o %i 2>/dev/null | grep -q .; do
    sleep 0.1
    tries=$((tries - 1))
  done
}

# Prints the cgroup directories of our nodes, deepest first (v1: slurm_<node> or slurm per controller; v2: <node>_slurmstepd.scope).
node_cgroups() {
  local node
  for node in "${nodes[@]}"; do
    find /sys/fs/cgroup -depth -type d \( -path "*/slurm_$node" -o -path "*/slurm_$node/*" \
      -o -path "*/${node}_slurmstepd.scope" -o -path "*/${node}_slurmstepd.scope/*" \) 2>/dev/null || true
  done
}

# Prints the pids of everything that belongs to this copy: in its cgroups, started with its directory
# in the environment, logged in through its sshd, or an sshd serving such a login.
leftover_pids() {
  local group
  for group in $(node_cgroups); do cat "$group/cgroup.procs" 2>/dev/null || true; done
  {
    grep -lzxF "BERTH_CLUSTER_DIR=$DIR" /proc/[0-9]*/environ
    grep -lzxE "SSH_CONNECTION=.* ${network//./\\.}\.[12] $ssh_port" /proc/[0-9]*/environ
  } 2>/dev/null | cut -d/ -f3
  ss -Htnp "sport = :$ssh_port" 2>/dev/null | grep -o '"sshd[^)]*pid=[0-9]*' | sed 's/.*pid=//'
}

kill_leftovers() {
  local pids tries=30
  while [ "$tries" -gt 0 ]; do
    pids=$(leftover_pids | sort -un | grep -vx "$$" || true)
    if [ -z "$pids" ]; then break; fi
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null || true
    sleep 0.1
    tries=$((tries - 1))
  done
  node_cgroups | while read -r group; do rmdir "$group" 2>/dev/null || true; done
}
