# shellcheck shell=bash
# What a person watching cluster/up sees: one line a step, and on failure
# which step, why, and what to do.

step_count=9
step_number=0
step_name=""

# Runs one step: step NAME FUNCTION. The function says nothing, or calls note.
step() {
  step_number=$((step_number + 1))
  step_name=$1
  local started=$SECONDS
  "$2"
  say "ready$(took "$started")"
}

took() {
  local seconds=$((SECONDS - $1))
  if [ "$seconds" -gt 1 ]; then printf ' (%s s)' "$seconds"; fi
}

say() {
  if [ -z "${quiet:-}" ]; then printf '[%s/%s] %s: %s\n' "$step_number" "$step_count" "$step_name" "$1"; fi
}

note() { say "$1"; }

# fail WHY WHAT_TO_DO: ends the script.
fail() {
  {
    printf '[%s/%s] %s: FAILED\n' "$step_number" "$step_count" "$step_name"
    printf '  why:  %s\n' "$1"
    printf '  do:   %s\n' "$2"
  } >&2
  exit 1
}
