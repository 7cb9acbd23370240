#!/bin/bash
# JupyterLab where there is one, the classic notebook otherwise. The token travels in the environment, never in
# argv, where every user of the node could read it.
JUPYTER_TOKEN=$(cat "$BERTH_SECRET_FILE")
export JUPYTER_TOKEN
# Its runtime files hold the token too, and must not depend on room in the home directory.
export JUPYTER_RUNTIME_DIR=$BERTH_RUNTIME
cd "$BERTH_WORKDIR" || exit 66

if command -v jupyter-lab > /dev/null; then
  exec jupyter-lab --no-browser --ip=0.0.0.0 --port="$BERTH_PORT" --ServerApp.port_retries=0 \
    --ServerApp.root_dir="$BERTH_WORKDIR" --ServerApp.allow_remote_access=True --ServerApp.quit_button=False
fi
exec jupyter-notebook --no-browser --ip=0.0.0.0 --port="$BERTH_PORT" --NotebookApp.port_retries=0 \
  --NotebookApp.notebook_dir="$BERTH_WORKDIR" --NotebookApp.allow_remote_access=True --NotebookApp.quit_button=False
