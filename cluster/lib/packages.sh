# shellcheck shell=bash
# What must be on the machine. Installs only what is missing, and starts no
# daemon, neither now nor at the next boot: on Debian the packages' own services
# would come up on the machine's standard ports and sockets, which are not ours to use.

# program (an absolute path, or a name looked up on PATH) and the package it comes from
readonly needed_programs="
slurmctld:slurm-wlm
slurmd:slurm-wlm
sbatch:slurm-wlm
slurmdbd:slurmdbd
munged:munge
mariadbd:mariadb-server
mariadb-install-db:mariadb-server
mariadb:mariadb-client
/usr/sbin/sshd:openssh-server
ssh:openssh-client
ssh-keygen:openssh-client
/usr/share/lmod/lmod/libexec/lmod:lmod
jupyter-notebook:jupyter-notebook
/usr/share/jupyter/kernels/python3/kernel.json:python3-ipykernel
tcsh:tcsh
tmux:tmux
/usr/bin/python3:python3
flock:util-linux
"

# Prints the packages whose programs are not here, one per line.
missing_packages() {
  local line program
  for line in $needed_programs; do
    program=${line%%:*}
    command -v "$program" >/dev/null 2>&1 || [ -e "$program" ] || printf '%s\n' "${line##*:}"
  done | sort -u
}

# Tests have another.
machine_root=""

# Prints what starts at boot, one a line: systemd's links of what is enabled, and names of init's scripts, whose links are
# numbered anew when one comes in. Links to /dev/null are of what must not start.
starting_at_boot() {
  {
    find "$machine_root/etc/systemd/system" -type l ! -lname /dev/null
    find "$machine_root"/etc/rc[2-5].d -type l -name 'S*' | sed 's|.*/S[0-9]*||'
  } 2>/dev/null | sort -u || true # some machines have none of these places
}

# Leaves to the next boot only $1, what starting_at_boot said before: `systemctl disable` on machines with and without it.
keep_from_boot() {
  local new
  while read -r new; do
    case $new in
      /*) rm -f "$new" ;;
      *) update-rc.d "$new" disable </dev/null || true ;;
    esac
  done < <(comm -13 <(printf '%s\n' "$1") <(starting_at_boot))
}

# Runs apt-get with a policy that forbids starting services, and takes the policy away again whatever happens: in a shell of
# its own, which outlives an interrupted cluster/up until apt-get is done, and one at a time.
# https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
apt_install_without_starting() (
  policy=$machine_root/usr/sbin/policy-rc.d mark="# berth: while packages are installed" saved=""
  exec 9>"$machine_root"/run/berth-packages.lock
  flock 9
  # Of an installation that was killed.
  if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
  at_boot=$(starting_at_boot)
  put_back() {
    rm -f "$policy"
    if [ -n "$saved" ]; then mv "$saved" "$policy"; fi
    keep_from_boot "$at_boot"
  }
  trap put_back EXIT
  trap 'exit 143' TERM INT HUP
  if [ -e "$policy" ]; then
    saved=$policy.berth-saved
    mv "$policy" "$saved"
  fi
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" 9>&-
)

# Step: every package is there.
packages_up() {
  local missing=() log=$DIR/log/apt.log
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "missing: ${missing[*]}, and there is no apt-get here" \
    "install them by hand, or use Debian or Ubuntu"
  note "installing ${missing[*]} (about a minute)"
  # Two copies may start at once; dpkg's own lock does not cover our policy file.
  exec 8>/run/lock/berth-cluster-apt.lock
  flock 8
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -gt 0 ] && ! apt_install_without_starting "${missing[@]}" >"$log" 2>&1; then
    apt-get update -q >>"$log" 2>&1 || true
    apt_install_without_starting "${missing[@]}" >>"$log" 2>&1 ||
      fail "apt-get could not install ${missing[*]}: $(tail -n 1 "$log")" "read $log, repair apt, run cluster/up again"
  fi
  exec 8>&-
}
