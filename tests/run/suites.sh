# The suites, each with the seconds that it may take on a slow machine. Sourced by test.sh.

built=$root/.kadali/tests
are_built=""
spark=Kadali.Delta.Spark.Tests

# All projects of tests/, together: their own folder, so that no editor's build is in the way.
build_tests() {
  local began=$SECONDS
  echo "── building the tests"
  are_built=1
  if ! limited 900 "$logs/build.log" dotnet build "$root/Kadali.Kernel.sln" -c Release \
    -p:UseArtifactsOutput=true "-p:ArtifactsPath=$built" -nodeReuse:false -v quiet; then
    are_built=""
    cat "$logs/build.log"
    failures="${failures}failed: build of the tests"$'\n'
    result "build of the tests" 0 1 0 "$((SECONDS - began))"
  fi
}

units() {
  local project
  if [ -z "$are_built" ]; then return; fi
  for project in "$root"/tests/*.Tests; do
    project=${project##*/}
    if [ "$project" = "$spark" ]; then continue; fi
    suite "$project" 600 xunit_totals "$built/bin/$project/release/$project" -noColor -noLogo
  done
}

# A real Spark on the same Delta tables; it names what it lacks itself.
spark() {
  if [ -z "$are_built" ]; then return; fi
  suite spark 1100 xunit_totals env "KADALI_RIG=$rig" "KADALI_SPARK_HOME=$cache/spark" "$built/bin/$spark/release/$spark" -noColor -noLogo
}

# A front end of our own on the kernel's sockets. The inner loop has its conversation alone: the others wait for what must not happen.
protocol() {
  local part
  if ! has_jupyter_client; then
    skip protocol "Debian's python3-jupyter-client is not there"
    return
  fi
  for part in "$root"/tests/jupyter/protocol/test_*.py; do
    part=$(basename "$part" .py)
    if [ -n "$fast" ] && [ "$part" != test_conversation ]; then continue; fi
    suite "protocol ${part#test_}" 300 unittest_totals unittest_in protocol "$part"
  done
}

# The notebooks, run by the program, and the figures in them.
notebooks() { suite notebooks 600 unittest_totals unittest_in notebooks test_notebooks; }

# Each bench runs; its figures are for a quiet machine.
benches() {
  if ! has_jupyter_client; then
    skip benches "Debian's python3-jupyter-client is not there"
    return
  fi
  suite benches 600 unittest_totals unittest_in bench test_bench
}

# The .NET tool in an empty home.
tool() {
  if ! has_jupyter_client; then
    skip tool "Debian's python3-jupyter-client is not there"
    return
  fi
  suite tool 600 unittest_totals unittest_in tool test_tool
}

# The Jupyter project's own tests and clients, in the Jupyter root folder.
clients() {
  if [ -n "$1" ]; then
    skip jupyter_kernel_test "$1"
    skip "nbclient nbconvert papermill" "$1"
    skip "jupyter console" "$1"
    return
  fi
  suite jupyter_kernel_test 180 unittest_totals in_rig python3 -m unittest -v test_kernel_suite
  suite "nbclient nbconvert papermill" 300 unittest_totals in_rig python3 -m unittest -v test_clients
  suite "jupyter console" 180 unittest_totals in_rig python3 -m unittest -v test_console
}

# Headless Chromium on JupyterLab and Notebook 7.
browser() {
  local lacks=$1
  if [ -z "$lacks" ] && ! has node; then lacks="there is no node"; fi
  if [ -z "$lacks" ] && ! has chromium && [ -z "${CHROMIUM-}" ]; then lacks="there is no chromium"; fi
  if [ -z "$lacks" ] && ! install_npm; then lacks="npm could not install playwright-core and typescript"; fi
  if [ -n "$lacks" ]; then
    skip browser "$lacks"
    return
  fi
  suite browser 600 node_totals env "KADALI_RIG=$rig" "KADALI_RIG_ROOT=$cache/forky" "KADALI_RIG_BIND=$(rig_binds)" \
    node --test --test-reporter=spec --test-concurrency=1 "$root"/tests/jupyter/browser/*.test.mjs
}

unittest_in() {
  local interpreter=$python
  if [ ! -x "$interpreter" ]; then interpreter=python3; fi
  (cd "$root/tests/jupyter/$1" && PYTHONPATH="$root/tests/jupyter/protocol" "$interpreter" -m unittest -v "$2")
}
