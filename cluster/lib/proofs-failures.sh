# shellcheck shell=bash
# The proofs of cluster/selftest in which something goes wrong on purpose.

requeue_works() {
  local id
  id=$(printf '#!/bin/sh\nsleep 600\n' | submit alice --time=5 --requeue)
  within 20 runs "$id"
  as alice "scontrol requeue $id"
  # Slurm holds a requeued job back for a moment (two minutes unless begin time is set to now).
  within 20 pending "$id"
  as alice "scontrol update jobid=$id starttime=now"
  within 60 runs "$id"
  scontrol -o show job "$id" | grep -q ' Restarts=1 '
  as alice "scancel $id"
}

pending() { [ "$(squeue -h -j "$1" -o %T 2>/dev/null)" = PENDING ]; }

preemption_works() {
  local scavenge normal
  scavenge=$(printf '#!/bin/sh\nsleep 600\n' | submit bob -p gpu --gres=gpu:4 --qos=scavenge --time=5 --no-requeue)
  within 20 runs "$scavenge"
  normal=$(printf '#!/bin/sh\nsleep 600\n' | submit alice -p gpu --gres=gpu:4 --time=5)
  within 60 runs "$normal"
  within 20 state_is "$scavenge" PREEMPTED
  as alice "scancel $normal"
}

node_fails() {
  local id
  id=$(printf '#!/bin/sh\nsleep 600\n' | submit alice --time=5 --no-requeue -w "${nodes[1]}")
  within 20 runs "$id"
  scontrol update "nodename=${nodes[1]}" state=down reason=selftest
  within 20 state_is "$id" NODE_FAIL
  ./up --dir "$DIR"
  sinfo -h -n "${nodes[1]}" -p cpu -o %t | grep -qE '^(idle|mix)$'
}

partitions_refuse() {
  local id
  refused as nora 'sbatch --time=5 --wrap true'
  refused as alice 'sbatch --time=5 -p restricted --wrap true'
  as alice 'sbatch --time=5 -p restricted -A genomics -o /dev/null --wrap true'
  refused as alice 'sbatch --time=5-0 --wrap true'
  id=$(as alice 'sbatch --parsable --time=5 -p closed --wrap true')
  within 20 waits_for_partition "$id"
  as alice "scancel $id"
}

waits_for_partition() { squeue -h -j "$1" -o %r | grep -q PartitionDown; }

# As after a crash of the machine: stale pid files, sockets and an unclean database.
recover() {
  local file pid
  for file in "$DIR"/run/*.pid; do kill -KILL "$(cat "$file")"; done
  refused ./status --dir "$DIR"
  # A pid file whose number now belongs to a stranger.
  echo $$ >"$DIR/run/slurmdbd.pid"
  ./up --dir "$DIR"
  ./status --dir "$DIR"
  state_is "$(cat "$work/limited")" TIMEOUT
  as alice id -un
  # A database that was only half made when the machine went away.
  rm -rf "$neighbour_dir/mysql"
  mkdir "$neighbour_dir/mysql.new"
  kill -KILL "$(cat "$neighbour_dir/run/mariadbd.pid")" "$(cat "$neighbour_dir/run/slurmdbd.pid")"
  ./up --dir "$neighbour_dir"
  ./status --dir "$neighbour_dir"
  SLURM_CONF=$neighbour_dir/etc/slurm.conf sacctmgr -n -P show assoc format=account,user | grep -qx 'genomics|alice'
}

down_leaves_nothing() {
  local id pid
  id=$(printf '#!/bin/sh\nsleep 600\n' | submit alice --time=5)
  within 30 runs "$id"
  pid=$(job_pid "$id")
  as alice 'sleep 500' &
  within 10 pgrep -u alice -fx 'sleep 500'
  ./down --dir "$DIR" --purge
  [ ! -e "$DIR" ]
  refused kill -0 "$pid"
  refused pgrep -u alice -fx 'sleep 500'
  refused grep -lzxF "BERTH_CLUSTER_DIR=$DIR" /proc/[0-9]*/environ
  refused grep -q . <(ss -Hltn "sport >= :$ctld_port and sport <= :$ssh_port")
  refused grep -q . <(find /sys/fs/cgroup -type d \( -name "slurm_${nodes[0]}" -o -name "${nodes[0]}_slurm*" \))
  ./status --dir "$neighbour_dir"
}
