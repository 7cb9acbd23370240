// What the examination's job runs on a compute node: a constant, as every script of ours. It writes what it found as
// `name base64` lines, then answers one connection as an app would, and ends.

/** Names of the files in the job's directory. */
export const ANSWER = "answer";
export const TOKEN = "token";

export const PROBE_SCRIPT = `#!/bin/bash
umask 077
cd "$BERTH_JOB_DIR" || exit 70
answer() { printf '%s %s\\n' "$1" "$(printf %s "$2" | base64 | tr -d '\\n')"; }

listen() {
  python3 -c '
import os, socket, sys
server = socket.socket()
server.bind(("0.0.0.0", 0))
server.listen(1)
server.settimeout(45)
with open(".port", "w") as file:
    file.write(str(server.getsockname()[1]))
os.replace(".port", "port")
client, _ = server.accept()
client.sendall(open(sys.argv[1], "rb").read())
client.close()
' ${TOKEN} 2>listen.log &
  for try in $(seq 1 50); do
    [ -s port ] && break
    sleep 0.2
  done
}

modules() (
  set +u
  . "$BERTH_MODULES_INIT" || { echo "cannot read $BERTH_MODULES_INIT"; exit 1; }
  [ -z "$BERTH_MODULES_PATH" ] || module use "$BERTH_MODULES_PATH" || exit 1
  module -t avail
)

. ./place.sh
scratch() {
  is_my_place "$BERTH_SCRATCH" && echo test >"$BERTH_SCRATCH/file"
}

missing=
for program in awk base64 cat date head mktemp mv od rm sed seq setsid sleep tr uname wc; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
listen
{
  answer node "$(uname -n)"
  answer token "$(cat ${TOKEN})"
  answer odd "$BERTH_ODD"
  answer caller "\${SSH_CONNECTION-}"
  answer bash "$BASH_VERSION"
  answer missing "$missing"
  answer python "$(python3 -c 'import asyncio, hmac, sys; print("%d.%d.%d" % sys.version_info[:3])' 2>&1 | tail -n 1)"
  answer port "$(cat port 2>/dev/null)"
  if [ -n "\${BERTH_MODULES_INIT-}" ]; then
    words=$(modules 2>&1)
    code=$?
    answer modules "$code $(printf '%s\\n' "$words" | grep -vc ':$') $(printf '%s\\n' "$words" | head -n 1)"
  fi
  if [ -n "\${BERTH_SCRATCH-}" ]; then
    words=$(scratch 2>&1)
    answer scratch "$? $words"
    rm -rf -- "$BERTH_SCRATCH"
  fi
  answer done yes
} >.${ANSWER} 2>errors
mv -f .${ANSWER} ${ANSWER}
wait
`;
