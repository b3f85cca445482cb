# What the tests need of the machine: found, installed where it may be, or else a reason to skip. Sourced by test.sh.

rig=${KADALI_RIG:-$root/../shared/rig}
cache=${KADALI_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kadali-tests}
python=/usr/bin/python3
packages="chromium mariadb-server mmdebstrap openjdk-17-jre-headless postgresql python3-ipykernel python3-jupyter-client python3-pandas xz-utils zstd"

has() { command -v "$1" > /dev/null 2>&1; }

# Debian's packages for all suites, in one go, where there are any to install.
install_packages() {
  local missing="" package
  if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo "kadali test: no Debian packages are installed (that takes root and apt-get); what needs them is skipped"
    return
  fi
  for package in $packages; do
    if ! is_installed "$package"; then missing="$missing $package"; fi
  done
  if [ -z "$missing" ]; then return; fi
  echo "kadali test: installing with apt-get:$missing"
  if { apt update && apt install $missing; } > "$logs/apt.log" 2>&1; then return; fi
  # Lists may be out of date, an earlier installation half done, one package not to be had: what can be installed is.
  { dpkg --configure -a && apt update; } >> "$logs/apt.log" 2>&1 || true
  for package in $missing; do
    if ! is_installed "$package" && ! apt install "$package" >> "$logs/apt.log" 2>&1; then
      echo "kadali test: apt-get could not install $package; what needs it is skipped"
      tail -n 5 "$logs/apt.log"
    fi
  done
}

is_installed() { dpkg-query -Wf '${Status}' "$1" 2> /dev/null | grep -q 'ok installed'; }

# Waits for whoever else holds the lock. The script's own input is not apt's to read.
apt() {
  local verb=$1
  shift
  if [ "$verb" = install ]; then set -- -y --no-install-recommends "$@"; fi
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -q "$verb" "$@" < /dev/null
}

install_npm() {
  echo "kadali test: installing with npm: playwright-core typescript"
  limited 300 "$logs/npm.log" in_folder "$root/tests/jupyter/browser" npm ci --no-audit --no-fund --loglevel=error && return
  tail -n 20 "$logs/npm.log"
  return 1
}

in_folder() { cd "$1" && shift && "$@"; }

has_jupyter_client() { [ -x "$python" ] && "$python" -c 'import jupyter_client, zmq' 2> /dev/null; }

# The SDK that the program was built with, which need not be on the PATH.
use_sdk() {
  if [ -z "${DOTNET_ROOT-}" ]; then
    read -r DOTNET_ROOT < "$root/.kadali/dotnet-root"
    export DOTNET_ROOT
  fi
  PATH=$DOTNET_ROOT:$PATH
}

# Why the Jupyter root folder cannot be had, or nothing.
rig_lacks() {
  if [ ! -x "$rig/jupyter-chroot.sh" ]; then echo "there is no ../shared/rig"
  elif [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ]; then echo "the Jupyter root folder takes Linux and root"
  elif ! has unshare || ! has mmdebstrap || ! has zstd; then echo "mmdebstrap, zstd or unshare is missing"
  fi
}

begin_rig_root() {
  if [ ! -e "$cache/forky/.complete" ]; then echo "kadali test: making the Jupyter root folder in $cache (3 minutes, once)"; fi
  start "$logs/rig.log" make_rig_root
  rig_maker=$started
}

end_rig_root() {
  local code=0
  wait "$rig_maker" || code=$?
  rig_maker=""
  if [ "$code" -ne 0 ]; then tail -n 20 "$logs/rig.log"; fi
  return "$code"
}

# The root folder with JupyterLab and the programs beside it, made once for a machine: one test run at a time, whole or not at all.
make_rig_root() {
  set -e
  mkdir -p "$cache"
  exec 9> "$cache/lock"
  flock -w 1200 9
  if [ -e "$cache/forky/.complete" ]; then return; fi
  rm -rf "$cache/forky" "$cache/packs"
  RIG_CACHE=$cache "$rig/jupyter-chroot.sh" create "$cache/forky" forky 9>&-
  "$rig/jupyter-chroot.sh" exec "$cache/forky" sh -c 'apt-get -q update -o Acquire::Check-Date=false -o Acquire::Check-Valid-Until=false &&
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends jupyter-console python3-pexpect' 9>&-
  mkdir -p "$cache/packs"
  tar --zstd -xf "$rig/python/jupyter-tests.tar.zst" -C "$cache/packs"
  touch "$cache/forky/.complete"
}

# The root folder with an S3 server, made once for a machine like that of Jupyter. Tests that need it are skipped by name where it is missing.
begin_s3_root() {
  if [ ! -e "$cache/s3/.complete" ]; then echo "kadali test: making the S3 root folder in $cache (1 minute, once)"; fi
  start "$logs/s3.log" make_s3_root
  s3_maker=$started
}

end_s3_root() {
  if [ -z "$s3_maker" ]; then return; fi
  if wait "$s3_maker"; then export KADALI_TEST_S3_ROOT=$cache/s3; else tail -n 20 "$logs/s3.log"; fi
  s3_maker=""
}

make_s3_root() {
  set -e
  mkdir -p "$cache"
  exec 8> "$cache/lock-s3"
  flock -w 1200 8
  if [ -e "$cache/s3/.complete" ]; then return; fi
  rm -rf "$cache/s3"
  "$rig/jupyter-chroot.sh" raw "$cache/s3" forky radosgw,ceph-mon,ceph-osd,ceph-common 8>&-
  touch "$cache/s3/.complete"
}

# What is bound into the root folder: the program, its kernelspec, and what runs there. By links, since the list is divided by spaces, which
# the paths of this checkout may hold.
rig_binds() {
  local spec=$logs/kernels/kadali links=$logs/links
  mkdir -p "$spec" "$links"
  ln -sfn "$root/.kadali/bin" "$links/program"
  ln -sfn "$root/.kadali/bin/labextension" "$links/labextension"
  ln -sfn "$root/tests/jupyter/clients" "$links/tests"
  ln -sfn "$root/notebooks" "$links/notebooks"
  ln -sfn "$cache/packs" "$links/packs"
  ln -sfn "$DOTNET_ROOT" "$links/dotnet"
  cp "$root"/kernel/Kadali.Host/Commands/Logo/logo-* "$spec"
  cat > "$spec/kernel.json" <<'J'
{"argv": ["/opt/kadali/kadali", "kernel", "{connection_file}"], "display_name": "C# (Kadali)", "language": "C#",
 "interrupt_mode": "message"}
J
  echo "$links/program:/opt/kadali $spec:/usr/local/share/jupyter/kernels/kadali $links/dotnet:/usr/share/dotnet" \
    "$links/labextension:/usr/local/share/jupyter/labextensions/@kadali/jupyterlab" \
    "$links/tests:/srv/tests $links/notebooks:/srv/notebooks $links/packs:/opt/packs"
}

in_rig() {
  RIG_BIND=$(rig_binds) "$rig/jupyter-chroot.sh" exec "$cache/forky" \
    env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/opt/packs/jupyter-tests HOME=/tmp \
    sh -c 'cd /srv/tests && PATH=/opt/packs/jupyter-tests/bin:$PATH exec "$@"' in_rig "$@"
}
