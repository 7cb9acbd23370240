# shellcheck shell=bash
# The daemons of one cluster: how each is started and how one sees that it
# answers. All run in their foreground mode, so that the pid we keep is theirs.

# Prints the names of all daemons in the order in which they start.
daemon_names() {
  local node
  printf '%s\n' munged mariadbd slurmdbd slurmctld
  for node in "${nodes[@]}"; do printf 'slurmd-%s\n' "$node"; done
  printf '%s\n' sshd-login1 sshd-login2
}

munged_up() {
  # A socket that nobody listens on any more is munged's to replace (--force also accepts our directory's owner).
  ensure_daemon munged munge "$etc/munge/munge.key" -- munged --foreground --force --num-threads=4 \
    --key-file="$etc/munge/munge.key" --socket="$munge_socket" --pid-file="$run/munge/munged.pid" \
    --seed-file="$run/munge/munged.seed" --log-file="$log/munge/munged.log"
  wait_for munged 10 munge_answers
}

munge_answers() { munge -n -S "$munge_socket" | unmunge -S "$munge_socket"; }

slurmdbd_up() {
  port_must_be_free slurmdbd "$ctl_address" "$dbd_port"
  ensure_daemon slurmdbd slurm "$etc/slurmdbd.conf" -- slurmdbd -D
  wait_for slurmdbd 60 slurmdbd_answers
  accounts_up
}

slurmdbd_answers() { timeout 5 sacctmgr -n -P show qos format=name </dev/null | grep -q .; }

slurmctld_up() {
  port_must_be_free slurmctld "$ctl_address" "$ctld_port"
  ensure_daemon slurmctld slurm "$slurm_conf" "$etc/gres.conf" -- slurmctld -D -i
  wait_for slurmctld 30 slurmctld_answers
}

slurmctld_answers() { timeout 5 scontrol ping | grep -q 'is UP'; }

nodes_up() {
  local i
  for i in "${!nodes[@]}"; do
    port_must_be_free "slurmd-${nodes[$i]}" "$(node_address "$i")" "$(node_port "$i")"
    install -d -m 755 "$DIR/spool/${nodes[$i]}"
    ensure_daemon "slurmd-${nodes[$i]}" root "$slurm_conf" "$etc/gres.conf" "$etc/cgroup.conf" -- slurmd -D -N "${nodes[$i]}"
  done
  for i in "${!nodes[@]}"; do
    wait_for "slurmd-${nodes[$i]}" 30 node_answers "${nodes[$i]}"
  done
}

node_state() { timeout 5 scontrol -o show node "$1" | sed -n 's/.* State=\([^ ]*\) .*/\1/p'; }

# A node that was down or drained is put back: after `up` the cluster works.
node_answers() {
  case $(node_state "$1") in
    *NOT_RESPONDING* | *UNKNOWN* | *'*'* | '') return 1 ;;
    *DOWN* | *DRAIN*) scontrol update "nodename=$1" state=resume; return 1 ;;
  esac
}

logins_up() {
  local i login_address name
  # Debian's sshd wants this directory at start; packages without systemd do not make it.
  install -d -m 755 /run/sshd
  for i in 0 1; do
    login_address=${login_addresses[$i]} name=sshd-login$((i + 1))
    port_must_be_free "$name" "$login_address" "$ssh_port"
    render sshd_config.template "$etc/ssh/$name.conf" root:root 644
    # OpenSSH 9.8 and later shut out addresses that fail; here every client is the same address.
    if /usr/sbin/sshd -t -f "$etc/ssh/$name.conf" -o PerSourcePenalties=no 2>/dev/null; then
      { cat "$etc/ssh/$name.conf"; echo 'PerSourcePenalties no'; } | write_if_changed "$etc/ssh/$name.conf" root:root 644
    fi
    ensure_daemon "$name" root "$etc/ssh/$name.conf" "$etc/ssh/ssh_host_ed25519_key" -- /usr/sbin/sshd -D -e -f "$etc/ssh/$name.conf"
  done
  for i in 0 1; do wait_for "sshd-login$((i + 1))" 10 sshd_answers "${login_addresses[$i]}"; done
}

sshd_answers() { timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1" && read -r -t 2 line <&3 && [[ $line == SSH-2.0* ]]' "$1" "$ssh_port"; }

# daemon_answers NAME: the check that belongs to it.
daemon_answers() {
  case $1 in
    munged) munge_answers ;;
    mariadbd) mariadbd_answers ;;
    slurmdbd) slurmdbd_answers ;;
    slurmctld) slurmctld_answers ;;
    slurmd-*) case $(node_state "${1#slurmd-}") in *NOT_RESPONDING* | *UNKNOWN* | *'*'* | *DOWN* | '') return 1 ;; esac ;;
    sshd-login1) sshd_answers "${login_addresses[0]}" ;;
    sshd-login2) sshd_answers "${login_addresses[1]}" ;;
  esac >/dev/null 2>&1
}
