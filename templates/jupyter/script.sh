#!/bin/bash
# JupyterLab where there is one, the classic notebook otherwise, on a Unix socket in the session directory. It asks for no
# token of its own: the door in front of it does, and a token would be written into the pages it serves.
export JUPYTER_RUNTIME_DIR=$BERTH_RUNTIME
cd "$BERTH_WORKDIR" || exit 66

if command -v jupyter-lab > /dev/null; then
  exec jupyter-lab --no-browser --ServerApp.sock="$BERTH_SOCKET" --ServerApp.sock_mode=0600 \
    --IdentityProvider.token= --ServerApp.token= --ServerApp.password= --ServerApp.root_dir="$BERTH_WORKDIR" \
    --ServerApp.allow_remote_access=True --ServerApp.quit_button=False
fi
exec jupyter-notebook --no-browser --sock="$BERTH_SOCKET" --sock-mode=0600 \
  --NotebookApp.token= --NotebookApp.password= --NotebookApp.notebook_dir="$BERTH_WORKDIR" \
  --NotebookApp.allow_remote_access=True --NotebookApp.quit_button=False
