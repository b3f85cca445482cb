#!/usr/bin/env bash
# Builds the tests and runs each project; ends with the plain line of totals.
set -uo pipefail
root=${KADALI_ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
passed=0 failed=0 skipped=0
for project in "$root"/tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  if ! dotnet build "$project" -c Release -v quiet -nodeReuse:false > /tmp/kadali-build.$$ 2>&1; then
    grep -E "error" /tmp/kadali-build.$$ | sort -u | head -n 20
    echo "$name: does not build"; failed=$((failed + 1)); continue
  fi
  out=$("$root/tests/$name/bin/Release/net10.0/$name" -noColor 2>&1)
  line=$(printf '%s\n' "$out" | grep "Total:" | tail -n 1)
  count() { printf '%s\n' "$line" | sed -n "s/.*$1: \([0-9]*\).*/\1/p"; }
  total=$(count Total) bad=$(( $(count Errors) + $(count Failed) )) not=$(count Skipped)
  if [ -z "$total" ]; then echo "$out"; failed=$((failed + 1)); continue; fi
  [ "$bad" = 0 ] || printf '%s\n' "$out"
  echo "$name: $total tests, $bad failed, $not skipped"
  passed=$((passed + total - bad - not)) failed=$((failed + bad)) skipped=$((skipped + not))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
