# One run at a time, and no suite for ever. Sourced by test.sh.

# Two runs in one checkout would build into the same folders: the second waits. The lock is a symbolic link that names its holder.
take_turn() {
  local lock=$root/.kadali/test.lock holder said=""
  mkdir -p "$root/.kadali"
  until ln -s "$$" "$lock" 2> /dev/null; do
    holder=$(readlink "$lock" 2> /dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2> /dev/null; then
      rm -f "$lock"
    else
      if [ -z "$said" ]; then echo "kadali test: waiting for another run in this folder (process $holder)"; fi
      said=1
      sleep 1
    fi
  done
}

leave_turn() {
  if [ "$(readlink "$root/.kadali/test.lock" 2> /dev/null || true)" = "$$" ]; then rm -f "$root/.kadali/test.lock"; fi
}

# Starts a command beside this script, in a process group of its own; what it says goes to a file. Its number is in $started.
#   start FILE COMMAND...
start() {
  local said=$1
  shift
  set -m
  ("$@") > "$said" 2>&1 < /dev/null &
  started=$!
  set +m
}

# limited SECONDS FILE COMMAND...: the command until it ends, with all that it started; 124 where the time was up.
# Not timeout(1), which macOS does not have and which runs no functions.
limited() {
  local left=$(($1 * 5)) code=0
  shift
  start "$@"
  running=$started
  while kill -0 "$running" 2> /dev/null && [ "$left" -gt 0 ]; do
    sleep 0.2
    left=$((left - 1))
  done
  if [ "$left" -eq 0 ]; then code=124; else wait "$running" || code=$?; fi
  end_group "$running"
  running=""
  return "$code"
}

# Asks a process group to end, and ends what of it does not within ten seconds.
end_group() {
  local tries=50
  if [ -z "$1" ]; then return 0; fi
  kill -TERM -- "-$1" 2> /dev/null || return 0
  while kill -0 -- "-$1" 2> /dev/null && [ "$tries" -gt 0 ]; do
    sleep 0.2
    tries=$((tries - 1))
  done
  kill -KILL -- "-$1" 2> /dev/null || true
}
