# What the tests need of the machine: found, installed where it may be, or else a reason to skip. Sourced by test.sh.

rig=${KADALI_RIG:-$root/../shared/rig}
cache=${KADALI_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kadali-tests}
python=/usr/bin/python3

has() { command -v "$1" > /dev/null 2>&1; }

can_install() { [ "$(id -u)" = 0 ] && has apt-get; }

# Debian's packages for all suites, in one go, where there are any to install.
install_packages() {
  local missing="" package
  if ! can_install; then
    echo "kadali test: no Debian packages are installed (that takes root and apt-get); what needs them is skipped"
    return
  fi
  for package in chromium postgresql python3-jupyter-client python3-ipykernel mmdebstrap zstd; do
    if ! dpkg-query -Wf '${Status}' "$package" 2> /dev/null | grep -q 'ok installed'; then missing="$missing $package"; fi
  done
  if [ -n "$missing" ]; then
    echo "kadali test: installing with apt-get:$missing"
    if ! { apt-get -o DPkg::Lock::Timeout=600 -q update &&
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -q install -y --no-install-recommends $missing; } > "$logs/apt" 2>&1; then
      tail -n 20 "$logs/apt"
      echo "kadali test: apt-get failed; what needs these packages is skipped"
    fi
  fi
}

install_npm() {
  echo "kadali test: installing with npm: playwright-core"
  (cd "$root/tests/jupyter/browser" && npm ci --no-audit --no-fund --loglevel=error) > "$logs/npm" 2>&1 || { tail -n 20 "$logs/npm"; return 1; }
}

has_jupyter_client() { [ -x "$python" ] && "$python" -c 'import jupyter_client, zmq' 2> /dev/null; }

# Why the Jupyter root folder cannot be had, or nothing.
rig_lacks() {
  if [ ! -x "$rig/jupyter-chroot.sh" ]; then echo "there is no ../shared/rig"
  elif [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ]; then echo "the Jupyter root folder takes Linux and root"
  elif ! has unshare || ! has mmdebstrap || ! has zstd; then echo "mmdebstrap, zstd or unshare is missing"
  fi
}

# The root folder with JupyterLab and the programs beside it, made once for a machine: one test run at a time, whole or not at all.
make_rig_root() {
  mkdir -p "$cache"
  exec 9> "$cache/lock"
  flock 9
  if [ ! -e "$cache/forky/.complete" ]; then
    echo "kadali test: making the Jupyter root folder in $cache (3 minutes, once)"
    rm -rf "$cache/forky" "$cache/packs"
    if ! { RIG_CACHE=$cache "$rig/jupyter-chroot.sh" create "$cache/forky" forky &&
      "$rig/jupyter-chroot.sh" exec "$cache/forky" sh -c 'apt-get -q update -o Acquire::Check-Date=false -o Acquire::Check-Valid-Until=false &&
        DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends jupyter-console' &&
      mkdir -p "$cache/packs" && tar --zstd -xf "$rig/python/jupyter-tests.tar.zst" -C "$cache/packs" &&
      touch "$cache/forky/.complete"; } > "$logs/rig" 2>&1 9>&-; then
      tail -n 20 "$logs/rig"
      exec 9>&-
      return 1
    fi
  fi
  exec 9>&-
}

# What is bound into the root folder: the program, its kernelspec, and what runs there.
rig_binds() {
  local spec=$logs/kernels/kadali
  mkdir -p "$spec"
  cat > "$spec/kernel.json" <<'J'
{"argv": ["/opt/kadali/kadali", "kernel", "{connection_file}"], "display_name": "C# (Kadali)", "language": "C#", "interrupt_mode": "message"}
J
  echo "$root/.kadali/bin:/opt/kadali $spec:/usr/local/share/jupyter/kernels/kadali" \
    "$root/tests/jupyter/clients:/srv/tests $root/notebooks:/srv/notebooks $cache/packs:/opt/packs"
}

in_rig() {
  RIG_BIND=$(rig_binds) "$rig/jupyter-chroot.sh" exec "$cache/forky" \
    env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/opt/packs/jupyter-tests HOME=/tmp \
    sh -c 'cd /srv/tests && PATH=/opt/packs/jupyter-tests/bin:$PATH exec "$@"' in_rig "$@"
}
