# shellcheck shell=bash
# Where everything of one copy of the test cluster lives: one directory, one
# loopback network 127.31.<copy>.0/24, one block of ports. Every other file
# only reads these variables.

cluster_source=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# Reads --dir, --copy, --ca-pub, --private-jobs, --purge into globals and derives the rest.
parse_options() {
  DIR="" copy="" ca_pub="" private_jobs="" purge="" quiet=""
  while [ $# -gt 0 ]; do
    case $1 in
      --dir) DIR=${2:?--dir needs a directory}; shift ;;
      --copy) copy=${2:?--copy needs a number}; shift ;;
      --ca-pub) ca_pub=${2:?--ca-pub needs a file}; shift ;;
      --private-jobs) private_jobs=yes ;;
      --purge) purge=yes ;;
      --quiet) quiet=yes ;;
      -h | --help) usage; exit 0 ;;
      *) printf 'unknown option %s\n' "$1" >&2; usage >&2; exit 2 ;;
    esac
    shift
  done
  if [ -z "$DIR" ]; then DIR=/var/lib/berth-cluster-${copy:-0}; fi
  case $DIR in
    *[!A-Za-z0-9/._-]* | [!/]* | /) printf -- '--dir must be a plain absolute path\n' >&2; exit 2 ;;
  esac
  remember_options
  case $copy in
    '' | *[!0-9]*) printf -- '--copy must be a number\n' >&2; exit 2 ;;
  esac
  # Ports beyond 32767 are handed out by the kernel to outgoing connections.
  if [ "$copy" -gt 60 ]; then printf -- '--copy must be at most 60\n' >&2; exit 2; fi
  lay_out
}

# A directory keeps the copy it was made for, so that down and status need only --dir.
remember_options() {
  local saved_copy="" saved_private=""
  if [ -r "$DIR/options" ]; then
    saved_copy=$(sed -n 's/^copy=//p' "$DIR/options")
    saved_private=$(sed -n 's/^private_jobs=//p' "$DIR/options")
  fi
  if [ -n "$saved_copy" ] && [ -n "$copy" ] && [ "$copy" != "$saved_copy" ]; then
    printf '%s belongs to copy %s; use another --dir for copy %s\n' "$DIR" "$saved_copy" "$copy" >&2
    exit 2
  fi
  copy=${copy:-${saved_copy:-0}}
  private_jobs=${private_jobs:-$saved_private}
}

lay_out() {
  network=127.31.$copy
  cluster_name=berth$copy
  prefix=""
  if [ "$copy" != 0 ]; then prefix=c$copy; fi
  # Cgroup paths carry node names, so two copies must not share them.
  cpu_nodes=("${prefix}cpu1" "${prefix}cpu2")
  gpu_nodes=("${prefix}gpu1")
  nodes=("${cpu_nodes[@]}" "${gpu_nodes[@]}")
  local base=$((26000 + 100 * copy))
  ctld_port=$((base + 1)) dbd_port=$((base + 2)) node_port_base=$((base + 10)) ssh_port=$((base + 22))
  ctl_address=$network.1
  login_addresses=("$network.1" "$network.2")

  etc=$DIR/etc run=$DIR/run log=$DIR/log
  slurm_conf=$etc/slurm.conf
  munge_socket=$run/munge/munge.socket
  database_socket=$run/mysql/mysql.sock
  module_dir=$DIR/modules
  lmod_init=/usr/share/lmod/lmod/init/sh
  private_data=none
  if [ -n "$private_jobs" ]; then private_data="jobs"; fi

  # A shell set up for another cluster, or for JWT, would send our commands there.
  unset SLURM_JWT SLURM_CLUSTERS SQUEUE_FORMAT SACCT_FORMAT SINFO_FORMAT
  export SLURM_CONF=$slurm_conf
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

# Address and port of the n-th node, counted from 0.
node_address() { printf '%s.%s' "$network" "$((11 + $1))"; }
node_port() { printf '%s' "$((node_port_base + 1 + $1))"; }
