#!/usr/bin/env bash
# ./kadali bench [NAME] [--quick]: figures, each with its ratio to a baseline of the same run. Exit code 0 whatever they are: it is a
# report.
set -euo pipefail

usage() {
  cat <<'T'
usage: ./kadali bench NAME [--quick]

  kernel   start, warm cells, completion, memory, output and interrupts, beside ipykernel (Python 3 with jupyter_client)
  sql      #!sql cells: first page, typed rows, C# sequences, a table shown, a query again, beside DuckDB driven by hand
  delta    Delta tables beside plain DuckDB on the same rows: opening logs, commits, scans, MERGE, OPTIMIZE, TPC-H; and beside other engines
           figures by name: delta B5 B10; the tasks of other engines alone: delta peers
  run      whole commands from the shell: ./kadali --version, ./kadali run

--quick shows in seconds that a bench runs; its figures mean little. bench/README.md says how to read them.
T
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
name=${1-}
case $name in
  "" | -h | --help) usage; exit ;;
  kernel | sql | delta | run) shift ;;
  *) echo "kadali bench: there is no bench '$name'" >&2; usage >&2; exit 2 ;;
esac

# What is measured is the program as it is published; its first use builds it, and says where the SDK is.
"$root/kadali" --version > /dev/null
if [ -z "${DOTNET_ROOT-}" ]; then
  read -r DOTNET_ROOT < "$root/.kadali/dotnet-root"
  export DOTNET_ROOT
fi

benchmarks() {
  local built=$root/.kadali/bench
  if ! DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 "$DOTNET_ROOT/dotnet" build "$root/bench/Kadali.Benchmarks" -c Release \
    -p:UseArtifactsOutput=true "-p:ArtifactsPath=$built" -nodeReuse:false -v quiet > "$root/.kadali/bench.log" 2>&1; then
    cat "$root/.kadali/bench.log" >&2
    exit 1
  fi
  exec "$built/bin/Kadali.Benchmarks/release/Kadali.Benchmarks" "$@"
}

case $name in
  kernel)
    python=/usr/bin/python3
    if [ ! -x "$python" ]; then python=python3; fi
    if ! "$python" -c 'import jupyter_client, zmq' 2> /dev/null; then
      echo "kadali bench kernel: $python has no jupyter_client; on Debian: apt-get install python3-jupyter-client python3-ipykernel"
      exit
    fi
    PYTHONDONTWRITEBYTECODE=1 exec "$python" "$root/bench/kernel" "$@"
    ;;
  sql) benchmarks sql "$@" ;;
  delta) benchmarks delta "$root/../shared" "$@" ;;
  run) benchmarks run "$root" "$@" ;;
esac
