# shellcheck shell=bash
# Says what the cluster is: cluster.env for shells, cluster.json for programs.

describe() {
  describe_env | write_if_changed "$DIR/cluster.env" root:root 644
  describe_json | write_if_changed "$DIR/cluster.json" root:root 644
}

host_key() { cut -d' ' -f1,2 <"$etc/ssh/ssh_host_$1_key.pub"; }

# The private key is ours only when we made the CA.
ca_key() {
  if [ ! -s "$DIR/ca" ]; then return 0; fi
  if [ "$(ssh-keygen -y -f "$DIR/ca" | cut -d' ' -f2)" = "$(cut -d' ' -f2 <"$DIR/ca.pub")" ]; then printf '%s' "$DIR/ca"; fi
}

describe_env() {
  local pairs=(
    "CLUSTER_DIR=$DIR" "COPY=$copy" "CLUSTER_NAME=$cluster_name"
    "SLURM_CONF=$slurm_conf" "SLURM_BIN=/usr/bin"
    "LOGIN_ADDRESSES=${login_addresses[*]}" "SSH_PORT=$ssh_port"
    "HOST_KEY_ED25519=$(host_key ed25519)" "HOST_KEY_ECDSA=$(host_key ecdsa)"
    "CA_PUB=$DIR/ca.pub" "CA_KEY=$(ca_key)"
    "NODE_NETWORK=$network.0/24" "NODES=${nodes[*]}"
    "PARTITIONS=cpu gpu short closed restricted" "GPU_TYPE=a100"
    "USERS=alice bob carol dora tess paul slow" "USER_WITHOUT_ALLOCATION=nora" "POLL_USER=berth-poll"
    "LMOD_INIT=$lmod_init" "MODULE_DIR=$module_dir" "JUPYTER=$(command -v jupyter-notebook)"
    "PRIVATE_DATA=$private_data" "LOG_DIR=$log"
  ) pair
  for pair in "${pairs[@]}"; do printf '%s=%q\n' "${pair%%=*}" "${pair#*=}"; done
}

# json_list WORDS...: nothing here contains quotes or backslashes.
json_list() {
  local joined
  printf -v joined '"%s", ' "$@"
  printf '[%s]' "${joined%, }"
}

node_objects() {
  local i gpus objects=()
  for i in "${!nodes[@]}"; do
    gpus=0
    case ${nodes[$i]} in *gpu*) gpus=4 ;; esac
    objects+=("{\"name\": \"${nodes[$i]}\", \"address\": \"$(node_address "$i")\", \"gpus\": $gpus}")
  done
  (IFS=,; printf '[%s]' "${objects[*]}")
}

describe_json() {
  local key ca_key_json=null
  key=$(ca_key)
  if [ -n "$key" ]; then ca_key_json="\"$key\""; fi
  cat <<EOT
{
  "dir": "$DIR",
  "copy": $copy,
  "name": "$cluster_name",
  "slurmConf": "$slurm_conf",
  "slurmBin": "/usr/bin",
  "logins": [{"host": "${login_addresses[0]}", "port": $ssh_port}, {"host": "${login_addresses[1]}", "port": $ssh_port}],
  "hostKeys": ["$(host_key ed25519)", "$(host_key ecdsa)"],
  "ca": {"publicKey": "$DIR/ca.pub", "privateKey": $ca_key_json},
  "nodeNetworks": ["$network.0/24"],
  "nodes": $(node_objects),
  "partitions": $(json_list cpu gpu short closed restricted),
  "poller": "berth-poll",
  "people": {
    "alice": $(json_list research genomics), "bob": $(json_list research), "carol": $(json_list research genomics),
    "dora": $(json_list research), "tess": $(json_list research), "paul": $(json_list research), "slow": $(json_list research), "nora": []
  },
  "privateData": "$private_data",
  "lmod": {"init": "$lmod_init", "modulePath": "$module_dir"},
  "jupyter": "$(command -v jupyter-notebook)",
  "logDir": "$log"
}
EOT
}
