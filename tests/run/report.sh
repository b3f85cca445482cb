# Counts what ran, for the table at the end. Sourced by test.sh.

passed=0 failed=0 skipped=0
table=""
skips=""
failures=""

row() { table="$table$(printf '%-34s %7s %7s %8s %7s' "$@")"$'\n'; }

# result SUITE PASSED FAILED SKIPPED SECONDS
result() {
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
  row "$1" "$2" "$3" "$4" "$5 s"
}

# skip SUITE WHY: a whole suite that this machine cannot run counts as one.
skip() {
  skips="${skips}skipped: $1: $2"$'\n'
  result "$1" 0 0 1 0
}

# Runs a suite, shows what it says where something failed, and reads its totals with the function named. One that ends badly without saying
# how many failed has failed, and so has one that takes longer than it may.
#   suite NAME SECONDS READER COMMAND...
suite() {
  local name=$1 seconds=$2 reader=$3 began=$SECONDS code=0 counts passed_here failed_here skipped_here
  shift 3
  echo "── $name"
  limited "$seconds" "$logs/current" "$@" || code=$?
  if [ "$code" -eq 124 ]; then echo "kadali test: '$name' was ended: it took longer than $seconds s" >> "$logs/current"; fi
  cp "$logs/current" "$logs/$(printf %s "$name" | tr -c 'A-Za-z0-9.' '-').log"
  counts=$("$reader" < "$logs/current")
  read -r passed_here failed_here skipped_here <<< "${counts:-0 0 0}"
  if [ "$failed_here" -eq 0 ] && { [ -z "$counts" ] || [ "$code" -ne 0 ]; }; then failed_here=1; fi
  if [ "$failed_here" -ne 0 ]; then
    failures="${failures}failed: $name$(if [ "$code" -eq 124 ]; then echo " (ended after $seconds s)"; fi)"$'\n'
  fi
  if [ "$failed_here" -ne 0 ] || [ -n "${KADALI_TEST_VERBOSE-}" ]; then cat "$logs/current"; else named_skips < "$logs/current"; fi
  result "$name" "$passed_here" "$failed_here" "$skipped_here" "$((SECONDS - began))"
}

named_skips() { grep -E '\[SKIP\]|\.\.\. skipped|^ *﹣' || true; }

# Each reader prints "passed failed skipped", or nothing where the runner did not come to an end.
xunit_totals() {
  sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\), Skipped: \([0-9]*\).*/\1 \2 \3 \4/p' | tail -n 1 |
    awk '{ print $1 - $3 - $4, $2 + $3, $4 }'
}

unittest_totals() {
  awk '
    function count(name) { return match($0, name "=[0-9]+") ? substr($0, RSTART + length(name) + 1, RLENGTH - length(name) - 1) + 0 : 0 }
    /^Ran [0-9]+ test/ { ran = $2; ended = 1 }
    /^(OK|FAILED)/ { bad = count("failures") + count("errors"); skipped = count("skipped") }
    END { if (ended) { good = ran - bad - skipped; print (good > 0 ? good : 0), bad, skipped } }'
}

node_totals() {
  awk '$2 == "pass" { p = $3; ended = 1 } $2 == "fail" { f = $3 } $2 == "cancelled" { c = $3 } $2 == "skipped" { s = $3 }
    END { if (ended) print p + 0, f + c, s + 0 }'
}

# Prints the table and the closing line; fails where a test has failed.
conclude() {
  printf '\n%-34s %7s %7s %8s %7s\n' suite passed failed skipped time
  printf '%s' "$table"
  printf '\n%s%s' "$skips" "$failures"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
