#!/usr/bin/env bash
# ./kadali test [--fast] [SUITE...]: builds, installs what the tests need, and runs them all.
set -euo pipefail

usage() {
  cat <<'T'
usage: ./kadali test [--fast] [SUITE...]

  --fast   installs nothing and runs what needs nothing: the inner loop, under 2 minutes
  SUITE    units spark protocol notebooks benches tool clients browser; all of them by default

Ends with the line "N passed, N failed, N skipped", and with exit code 1 where something failed. What this machine cannot run is skipped by
name. KADALI_TEST_VERBOSE=1 shows what passing suites say, KADALI_SCREENSHOTS=FOLDER keeps the browser's pictures, KADALI_TEST_LOGS=FOLDER
keeps what each suite said, KADALI_RIG=FOLDER says where the rig is.
T
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
fast="" wanted=""
for argument in "$@"; do
  case $argument in
    --fast) fast=1 ;;
    -h | --help) usage; exit ;;
    units | spark | protocol | notebooks | benches | tool | clients | browser) wanted="$wanted $argument" ;;
    *) echo "kadali test: there is no suite or option '$argument'" >&2; usage >&2; exit 2 ;;
  esac
done
wants() { [ -z "$wanted" ] || [[ " $wanted " == *" $1 "* ]]; }

# Its path goes into the rig's list of folders, which spaces divide.
logs=$(mktemp -d /tmp/kadali-test.XXXXXX)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PYTHONDONTWRITEBYTECODE=1
. "$root/tests/run/report.sh"
. "$root/tests/run/limits.sh"
. "$root/tests/run/machine.sh"
. "$root/tests/run/suites.sh"
running="" rig_maker="" s3_maker="" lacks=""
# A second signal, as timeout(1) sends it, is no reason to leave things half cleaned.
trap 'trap "" INT TERM; end_group "$running"; end_group "$rig_maker"; end_group "$s3_maker"; leave_turn; rm -rf "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# All that is made first is made side by side; what is measured in seconds then runs alone.
take_turn
if [ -z "$fast" ]; then install_packages; fi
if [ -z "$fast" ] && { wants clients || wants browser; }; then
  lacks=$(rig_lacks)
  if [ -z "$lacks" ]; then begin_rig_root; fi
fi
if [ -z "$fast" ] && wants units && [ -z "$(rig_lacks)" ]; then begin_s3_root; fi
version=$("$root/kadali" --version)
echo "kadali test: $version is built"
use_sdk
if wants units || { [ -z "$fast" ] && wants spark; }; then build_tests; fi
if [ -n "$rig_maker" ] && ! end_rig_root; then lacks="the Jupyter root folder could not be made"; fi

end_s3_root
if wants units; then units; fi
if wants protocol; then protocol; fi
if wants notebooks; then notebooks; fi
if [ -z "$fast" ]; then
  if wants spark; then spark; fi
  if wants benches; then benches; fi
  if wants tool; then tool; fi
  if wants clients; then clients "$lacks"; fi
  if wants browser; then browser "$lacks"; fi
fi
if [ -n "${KADALI_TEST_LOGS-}" ]; then mkdir -p "$KADALI_TEST_LOGS" && cp "$logs"/*.log "$KADALI_TEST_LOGS"; fi
conclude
