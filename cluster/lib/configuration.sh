# shellcheck shell=bash
# Directories, keys, simulated GPUs and configuration files. Everything is
# rendered anew on each run and only replaced when it differs, so that a
# daemon is restarted exactly when its own configuration changed.

# render TEMPLATE TARGET OWNER MODE: replaces @NAME@ by the values below.
render() {
  local text
  text=$(cat "$cluster_source/conf/$1")
  text=${text//@DIR@/$DIR}
  text=${text//@ETC@/$etc}
  text=${text//@RUN@/$run}
  text=${text//@SLURM_CONF@/$slurm_conf}
  text=${text//@MODULE_DIR@/$module_dir}
  text=${text//@CLUSTER_NAME@/$cluster_name}
  text=${text//@CTL_ADDRESS@/$ctl_address}
  text=${text//@CTLD_PORT@/$ctld_port}
  text=${text//@DBD_PORT@/$dbd_port}
  text=${text//@SSH_PORT@/$ssh_port}
  text=${text//@LOGIN_ADDRESS@/${login_address:-}}
  text=${text//@MUNGE_SOCKET@/$munge_socket}
  text=${text//@PRIVATE_DATA@/$private_data}
  text=${text//@CPU_NODES@/$(IFS=,; echo "${cpu_nodes[*]}")}
  text=${text//@GPU_NODES@/$(IFS=,; echo "${gpu_nodes[*]}")}
  text=${text//@NODES@/$(node_lines)}
  text=${text//@CGROUP_PLUGIN@/$(cgroup_lines)}
  write_if_changed "$2" "$3" "$4" <<<"$text"
}

# write_if_changed TARGET OWNER MODE <TEXT
write_if_changed() {
  local new=$1.new
  (umask 077 && cat >"$new")
  chown "$2" "$new"
  chmod "$3" "$new"
  if cmp -s "$new" "$1"; then rm -f "$new"; else mv -f "$new" "$1"; fi
}

# Cores and memory are claims (config_overrides); features differ so that constraints can be tried.
node_lines() {
  local i features extra
  for i in "${!nodes[@]}"; do
    features=zen3 extra=""
    case ${nodes[$i]} in
      *cpu1) features=skylake,avx512 ;;
      *gpu*) features=zen3,a100 extra=" Gres=gpu:a100:4" ;;
    esac
    printf 'NodeName=%s NodeHostName=localhost NodeAddr=%s Port=%s CPUs=16 RealMemory=65536 Feature=%s%s\n' \
      "${nodes[$i]}" "$(node_address "$i")" "$(node_port "$i")" "$features" "$extra"
  done
}

# A stock Debian has cgroup v2; containers and small virtual machines often still have v1, sometimes
# with an empty v2 mount beside it. Memory is what we enforce, so whoever has that controller wins.
cgroup_version() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo v2; else echo v1; fi
}

cgroup_lines() {
  printf 'cgroup/%s' "$(cgroup_version)"
  # Without systemd slurmd must make its own part of the v2 tree and hand the controllers down.
  if [ "$(cgroup_version)" = v2 ] && [ ! -d /run/systemd/system ]; then
    printf '\nIgnoreSystemd=yes\nCgroupAutomount=yes'
  else
    printf '\nCgroupAutomount=no'
  fi
}

cgroups_must_work() {
  case $(cgroup_version) in
    v2) grep -qw memory /sys/fs/cgroup/cgroup.controllers || fail "cgroup v2 here has no memory controller" "boot with cgroup_enable=memory" ;;
    v1)
      if [ ! -d /sys/fs/cgroup/memory ] || [ ! -d /sys/fs/cgroup/freezer ]; then
        fail "no cgroup memory and freezer controllers at /sys/fs/cgroup" "mount them, or use a machine with cgroup v2"
      fi
      ;;
  esac
}

configuration_up() {
  cgroups_must_work
  directories_up
  gpu_devices_up
  munge_key_up
  ca_up
  host_keys_up
  modules_up
  render slurm.conf.template "$slurm_conf" root:root 644
  render gres.conf.template "$etc/gres.conf" root:root 644
  render cgroup.conf.template "$etc/cgroup.conf" root:root 644
  # slurmdbd refuses a configuration that others can read.
  render slurmdbd.conf.template "$etc/slurmdbd.conf" slurm:slurm 600
}

directories_up() {
  install -d -m 755 "$etc" "$etc/ssh" "$log" "$run" "$DIR/state" "$DIR/spool"
  install -d -m 755 -o munge -g munge "$run/munge"
  install -d -m 700 -o munge -g munge "$etc/munge" "$log/munge"
  install -d -m 755 -o mysql -g mysql "$run/mysql"
  install -d -m 755 -o slurm -g slurm "$run/slurm"
  install -d -m 700 -o slurm -g slurm "$DIR/state/slurmctld"
  printf 'copy=%s\nprivate_jobs=%s\n' "$copy" "$private_jobs" >"$DIR/options"
}

# Device files are enough for Slurm to count, assign and hide GPUs.
gpu_devices_up() {
  local n
  for n in 0 1 2 3; do
    if [ ! -e "/dev/nvidia$n" ]; then
      mknod -m 666 "/dev/nvidia$n" c 195 "$n" || fail "mknod /dev/nvidia$n did not work" "run as root with CAP_MKNOD"
    fi
  done
}

munge_key_up() {
  local key=$etc/munge/munge.key
  if [ ! -s "$key" ]; then
    head -c 1024 /dev/urandom >"$key.new"
    chown munge:munge "$key.new"
    chmod 400 "$key.new"
    mv "$key.new" "$key"
  fi
}

# The CA whose user certificates the login nodes accept: the one given, or one of our own to try things with.
ca_up() {
  if [ -n "$ca_pub" ]; then
    ssh-keygen -l -f "$ca_pub" >/dev/null 2>&1 || fail "$ca_pub is not an SSH public key" "give the CA's .pub file"
    write_if_changed "$DIR/ca.pub" root:root 644 <"$ca_pub"
  elif [ ! -s "$DIR/ca.pub" ]; then
    rm -f "$DIR/ca" "$DIR/ca.pub"
    ssh-keygen -q -t ed25519 -N '' -C "$cluster_name user CA" -f "$DIR/ca"
  fi
}

host_keys_up() {
  local type key
  for type in ed25519 ecdsa; do
    key=$etc/ssh/ssh_host_${type}_key
    if [ ! -s "$key" ] || [ ! -s "$key.pub" ]; then
      rm -f "$key" "$key.pub"
      ssh-keygen -q -t "$type" -N '' -C "$cluster_name" -f "$key"
    fi
  done
}
