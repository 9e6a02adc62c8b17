#!/usr/bin/env bash
# Installs what is missing on Debian 12 and nothing else.
#
#   setup.sh build   what it takes to build walpulse and run the demo
#   setup.sh check   also what the unit tests, the checks and the benchmarks need
#   setup.sh test    also what the integration tests need: Python packages in .venv, the emulator
#   setup.sh versions  also whole servers of PostgreSQL 13 to 18, from npm, in build/postgres
#   setup.sh fuzz    as check, and what fuzzing needs: clang
#
# Works as root and as a user with sudo; asks for sudo only when something is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
say() { printf 'setup: %s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    say "this needs root: $*"
    say "install sudo, or run 'make setup' once as root"
    exit 1
  fi
}

packages() { sed 's/#.*//' "$@" | tr -s ' \n' '\n\n' | sed '/^$/d'; }
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Debian starts a server on port 5432 when postgresql is installed. Walpulse wants the programs,
# not a server, so that is switched off for the length of the installation.
quiet_cluster=/etc/postgresql-common/createcluster.d/walpulse-setup.conf

install_packages() {
  local missing=() package
  while read -r package; do
    installed "$package" || missing+=("$package")
  done < <(packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || {
    say "no apt-get here. On another system install what these Debian packages hold: ${missing[*]}"
    exit 1
  }
  say "installing ${missing[*]}"
  local fresh_server=
  if ! installed postgresql-common; then
    fresh_server=yes
    as_root mkdir -p "$(dirname "$quiet_cluster")"
    echo 'create_main_cluster = false' | as_root tee "$quiet_cluster" >/dev/null
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
  [ -z "$fresh_server" ] || as_root rm -f "$quiet_cluster"
}

# Google's Pub/Sub emulator has no Debian package of its own; Google's repository has.
emulator_jar() { (cd "$root/tests_integration" && python3 -m harness.emulator --find) 2>/dev/null; }

install_emulator() {
  command -v java >/dev/null ||
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jre-headless >/dev/null
  emulator_jar >/dev/null && return 0
  say "Google's Pub/Sub emulator is not here; trying Google's package repository"
  local key_url=https://packages.cloud.google.com/apt/doc/apt-key.gpg
  local key=/usr/share/keyrings/cloud.google.asc fetched
  fetched=$(mktemp)
  if python3 -c 'import shutil, sys, urllib.request
shutil.copyfileobj(urllib.request.urlopen(sys.argv[1], timeout=20), open(sys.argv[2], "wb"))' \
    "$key_url" "$fetched" 2>/dev/null; then
    as_root install -m 0644 "$fetched" "$key"
    echo "deb [signed-by=$key] https://packages.cloud.google.com/apt cloud-sdk main" |
      as_root tee /etc/apt/sources.list.d/google-cloud-sdk.list >/dev/null
    as_root apt-get update -qq || true
    as_root apt-get install -y -qq google-cloud-cli-pubsub-emulator >/dev/null || true
  fi
  rm -f "$fetched"
  emulator_jar >/dev/null && return 0
  say "the emulator could not be installed. The tests need it: install it where there is internet with"
  say "  gcloud components install pubsub-emulator      (or the package google-cloud-cli-pubsub-emulator)"
  say "or set PUBSUB_EMULATOR_JAR to a cloud-pubsub-emulator-*.jar"
}

python_environment() {
  local wanted="$root/tests_integration/requirements.txt" stamp="$root/.venv/requirements.txt"
  cmp -s "$wanted" "$stamp" && return 0
  say "installing the tests' Python packages into .venv"
  /usr/bin/python3 -m venv "$root/.venv"
  "$root/.venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$stamp"
}

# Whole servers of every major version that walpulse supports: Debian has one. The packages' own
# installation scripts are not run, but for the one that makes the libraries' links.
postgres_versions() {
  local wanted="$here/postgres-versions.json" folder="$root/build/postgres" package
  cmp -s "$wanted" "$folder/complete.json" && return 0
  [ "$(uname -m)" = x86_64 ] || {
    say "postgres-versions.json names servers for x86_64, this is $(uname -m)"
    exit 1
  }
  command -v npm >/dev/null || {
    say "installing npm"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      npm >/dev/null
  }
  say "installing PostgreSQL 13 to 18 into build/postgres"
  mkdir -p "$folder"
  cp "$wanted" "$folder/package.json"
  (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --silent)
  for package in "$folder"/node_modules/postgres-*; do
    (cd "$package" && node scripts/hydrate-symlinks.js)
  done
  cp "$wanted" "$folder/complete.json"
}

case "${1:-}" in
  build) install_packages "$here/packages-build.txt" ;;
  check) install_packages "$here/packages-build.txt" "$here/packages-test.txt" ;;
  test)
    install_packages "$here/packages-build.txt" "$here/packages-test.txt"
    install_emulator
    python_environment
    ;;
  versions)
    "$0" test
    postgres_versions
    ;;
  fuzz)
    install_packages "$here/packages-build.txt" "$here/packages-test.txt" "$here/packages-fuzz.txt"
    ;;
  *)
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac
