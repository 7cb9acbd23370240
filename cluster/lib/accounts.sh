# shellcheck shell=bash
# Who may compute on what: Slurm's accounts, associations and QOS.
# nora has none, on purpose: a person with a Unix account and no allocation.

# One sacctmgr session; adding what is there already changes nothing.
account_commands() {
  cat <<EOT
add cluster $cluster_name
add qos short
add qos scavenge
modify qos short set maxwall=00:30:00 maxtrespu=cpu=8 priority=100
modify qos normal set preempt=scavenge priority=10
modify qos scavenge set priority=0
add account research cluster=$cluster_name description=research organization=berth
add account genomics cluster=$cluster_name description=genomics organization=berth
add account operations cluster=$cluster_name description=operations organization=berth
modify account genomics where cluster=$cluster_name set grptres=cpu=24
add user alice,bob,carol,dora,tess,paul,slow cluster=$cluster_name account=research defaultaccount=research
add user alice,carol cluster=$cluster_name account=genomics
add user berth-poll cluster=$cluster_name account=operations defaultaccount=operations
modify user where cluster=$cluster_name name=alice,bob,carol,dora,tess,paul,slow set qos=normal,short,scavenge defaultqos=normal
modify user berth-poll set adminlevel=operator
add coordinator account=genomics names=carol
EOT
}

accounts_up() {
  local stamp=$DIR/state/accounts wanted
  wanted=$(account_commands | cksum)
  if [ "$wanted" = "$(cat "$stamp" 2>/dev/null)" ]; then return 0; fi
  account_commands | sacctmgr -i >"$log/accounts.log" 2>&1 || true
  accounts_are_right || fail "Slurm's accounts were not made: $(tail -n 1 "$log/accounts.log")" "read $log/accounts.log"
  printf '%s\n' "$wanted" >"$stamp"
}

# Sessions of sacctmgr exit 0 whatever their commands did, so look.
accounts_are_right() {
  local found
  found=$(sacctmgr -n -P show assoc cluster="$cluster_name" format=account,user,qos) || return 1
  grep -qx 'genomics|alice|normal,scavenge,short' <<<"$found" &&
    grep -qx 'research|slow|normal,scavenge,short' <<<"$found" &&
    grep -q '^operations|berth-poll|' <<<"$found" &&
    sacctmgr -n -P show user berth-poll format=adminlevel | grep -qx Operator &&
    sacctmgr -n -P show account genomics withcoordinator format=account,coordinators | grep -q carol
}
