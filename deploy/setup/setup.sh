#!/usr/bin/env bash
# Installs what is missing on Debian 12 and nothing else.
#
#   setup.sh build   what it takes to build walpulse and run the demo
#   setup.sh test    also what the tests and checks need: Python packages in .venv, the emulator
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
emulator_jar() { python3 "$root/tests_integration/emulator.py" --find 2>/dev/null; }

install_emulator() {
  emulator_jar >/dev/null && return 0
  say "Google's Pub/Sub emulator is not here; trying Google's package repository"
  local key=/usr/share/keyrings/cloud.google.asc
  local list=/etc/apt/sources.list.d/google-cloud-sdk.list
  if as_root apt-get install -y -qq google-cloud-cli-pubsub-emulator >/dev/null 2>&1; then
    return 0
  fi
  if python3 - "$key.tmp" <<'PY' 2>/dev/null
import sys, tempfile, urllib.request
body = urllib.request.urlopen("https://packages.cloud.google.com/apt/doc/apt-key.gpg", timeout=20).read()
open("/tmp/walpulse-google-key.asc", "wb").write(body)
PY
  then
    as_root install -m 0644 /tmp/walpulse-google-key.asc "$key"
    rm -f /tmp/walpulse-google-key.asc
    echo "deb [signed-by=$key] https://packages.cloud.google.com/apt cloud-sdk main" |
      as_root tee "$list" >/dev/null
    as_root apt-get update -qq
    as_root apt-get install -y -qq google-cloud-cli-pubsub-emulator >/dev/null && return 0
  fi
  say "the emulator could not be installed. The tests need it: install it where there is internet with"
  say "  gcloud components install pubsub-emulator      (or the package google-cloud-cli-pubsub-emulator)"
  say "or set PUBSUB_EMULATOR_JAR to a cloud-pubsub-emulator-*.jar"
  return 1
}

python_environment() {
  local wanted="$root/tests_integration/requirements.txt" stamp="$root/.venv/requirements.txt"
  cmp -s "$wanted" "$stamp" && return 0
  say "installing the tests' Python packages into .venv"
  /usr/bin/python3 -m venv "$root/.venv"
  "$root/.venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$stamp"
}

case "${1:-}" in
  build) install_packages "$here/packages-build.txt" ;;
  test)
    install_packages "$here/packages-build.txt" "$here/packages-test.txt"
    install_emulator
    python_environment
    ;;
  *)
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac
