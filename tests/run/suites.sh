# The suites. Sourced by test.sh.

# Each project of tests/, built together and then run one by one.
units() {
  local built=$root/.kadali/tests project
  echo "── building the tests"
  if ! dotnet build "$root/Kadali.Kernel.sln" -c Release -p:UseArtifactsOutput=true "-p:ArtifactsPath=$built" -nodeReuse:false -v quiet > "$logs/build" 2>&1; then
    cat "$logs/build"
    result "build of the tests" 0 1 0 "$SECONDS"
    return
  fi
  for project in "$root"/tests/*.Tests; do
    project=${project##*/}
    suite "$project" xunit_totals "$built/bin/$project/release/$project" -noColor -noLogo
  done
}

# A front end of our own on the kernel's sockets.
protocol() {
  local part
  if ! has_jupyter_client; then
    skip protocol "Debian's python3-jupyter-client is not there"
    return
  fi
  for part in "$root"/tests/jupyter/protocol/test_*.py; do
    part=$(basename "$part" .py)
    if [ -n "$fast" ] && [ "$part" = test_fuzz ]; then continue; fi
    suite "protocol ${part#test_}" unittest_totals unittest_in protocol "$part"
  done
}

# The notebooks, run by the program, and the figures in them.
notebooks() { suite notebooks unittest_totals unittest_in notebooks test_notebooks; }

# The .NET tool in an empty home.
tool() {
  if ! has_jupyter_client; then
    skip tool "Debian's python3-jupyter-client is not there"
    return
  fi
  suite tool unittest_totals unittest_in tool test_tool
}

# The Jupyter project's own tests and clients, in the Jupyter root folder.
clients() {
  if [ -n "$1" ]; then
    skip "clients kernel suite" "$1"
    skip clients "$1"
    return
  fi
  suite "jupyter_kernel_test" unittest_totals in_rig python3 -m unittest -v test_kernel_suite
  suite "nbclient nbconvert papermill console" unittest_totals in_rig python3 -m unittest -v test_clients
}

# Headless Chromium on JupyterLab.
browser() {
  local lacks=$1
  if [ -z "$lacks" ] && ! has node; then lacks="there is no node"; fi
  if [ -z "$lacks" ] && ! has chromium && [ -z "${CHROMIUM-}" ]; then lacks="there is no chromium"; fi
  if [ -z "$lacks" ] && ! install_npm; then lacks="npm could not install playwright-core"; fi
  if [ -n "$lacks" ]; then
    skip browser "$lacks"
    return
  fi
  suite browser node_totals env "KADALI_RIG=$rig" "KADALI_RIG_ROOT=$cache/forky" "KADALI_RIG_BIND=$(rig_binds)" \
    node --test --test-reporter=spec "$root/tests/jupyter/browser/lab.test.mjs"
}

unittest_in() {
  local interpreter=$python
  if [ ! -x "$interpreter" ]; then interpreter=python3; fi
  (cd "$root/tests/jupyter/$1" && PYTHONPATH="$root/tests/jupyter/protocol" "$interpreter" -m unittest -v "$2")
}
