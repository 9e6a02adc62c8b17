#!/usr/bin/env bash
# Installs what is missing on Debian 12 and nothing else.
#
#   setup.sh build   what it takes to build walpulse and run the demo
#   setup.sh check   also what the unit tests, the checks and the benchmarks need
#   setup.sh test    also what the integration tests need: Python and Java packages in .venv, the emulator
#   setup.sh versions  also whole servers of PostgreSQL 13 to 18, from npm, in build/postgres
#   setup.sh fuzz    as check, and what fuzzing needs: clang
#
# Works as root and as a user with sudo; asks for sudo only when something is missing. Says beforehand
# what it adds to apt. Exit codes: 0 done, 64 wrong argument, 78 PUBSUB_EMULATOR_JAR is wrong, else 1
# or apt-get's, pip's, npm's own.
set -euo pipefail
exec 3>&2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
say() { printf 'setup: %s\n' "$*" >&3; }
scratch=$(mktemp -d)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@" 3>&-
  elif command -v sudo >/dev/null; then
    sudo -- "$@" 3>&-
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

clean_up() {
  rm -rf "$scratch"
  [ ! -e "$quiet_cluster" ] || as_root rm -f "$quiet_cluster"
}
trap clean_up EXIT

# apt-get. What it and its packages' scripts say is shown where it fails, and only there.
apt_get() {
  local failed=0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >"$scratch/apt" 2>&1 </dev/null || failed=$?
  [ "$failed" -eq 0 ] || {
    say "apt-get $* failed with $failed:"
    cat "$scratch/apt" >&3
  }
  return "$failed"
}

apt_updated=
apt_install() {
  [ -n "$apt_updated" ] || apt_get update
  apt_updated=yes
  apt_get install -y --no-install-recommends "$@"
}

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
  if ! installed postgresql-common; then
    as_root mkdir -p "$(dirname "$quiet_cluster")"
    echo 'create_main_cluster = false' | as_root tee "$quiet_cluster" >/dev/null
  fi
  apt_install "${missing[@]}"
}

# Google's Pub/Sub emulator has no Debian package of its own; Google's repository has.
google_key=/usr/share/keyrings/cloud.google.asc
google_list=/etc/apt/sources.list.d/google-cloud-sdk.list
google_package=google-cloud-cli-pubsub-emulator

# Prints the jar, or what is missing; its exit codes are harness/emulator.py's.
emulator() { PYTHONPATH="$root/tests_integration" python3 -B -m harness.emulator; }

googles_repository_known() { grep -rqs cloud-sdk /etc/apt/sources.list /etc/apt/sources.list.d; }

add_googles_repository() {
  say "Google's Pub/Sub emulator is not installed, and Debian has no package of it. To fetch it, apt gets"
  say "  $google_key       Google's key, trusted for this repository only"
  say "  $google_list   https://packages.cloud.google.com/apt cloud-sdk main"
  say "and the package $google_package. To undo it:"
  say "  apt-get purge $google_package && rm $google_key $google_list"
  python3 -c 'import shutil, sys, urllib.request
shutil.copyfileobj(urllib.request.urlopen(sys.argv[1], timeout=20), open(sys.argv[2], "wb"))' \
    https://packages.cloud.google.com/apt/doc/apt-key.gpg "$scratch/key" 2>/dev/null || {
    say "packages.cloud.google.com does not answer: apt is left as it was"
    return 1
  }
  echo "deb [signed-by=$google_key] https://packages.cloud.google.com/apt cloud-sdk main" >"$scratch/list"
  as_root install -m 0644 "$scratch/key" "$google_key" &&
    as_root install -m 0644 "$scratch/list" "$google_list"
}

install_emulator() {
  local why failed=0
  why=$(emulator) || failed=$?
  [ "$failed" -ne 0 ] || return 0
  [ "$failed" -ne 78 ] || {
    say "$why"
    exit 78
  }
  if ! command -v java >/dev/null; then
    say 'installing default-jre-headless: the Pub/Sub emulator needs a Java runtime'
    apt_install default-jre-headless || {
      say 'no Java runtime could be installed: tests that need the Pub/Sub emulator will fail, and the demo'
      say "goes without it. Install any that puts 'java' into the PATH"
    }
  fi
  why=$(emulator) && return 0
  command -v java >/dev/null || return 0
  local added=
  if ! googles_repository_known && add_googles_repository; then
    added=yes
    apt_updated=
  fi
  if googles_repository_known && apt_install "$google_package" && emulator >/dev/null; then
    return 0
  fi
  if [ -n "$added" ]; then
    as_root rm -f "$google_key" "$google_list"
    say "$google_key and $google_list are removed again"
  fi
  say "Google's Pub/Sub emulator could not be installed: tests that need it will fail, and the demo goes"
  say "without it. Where there is internet: 'gcloud components install pubsub-emulator', or Google's package"
  say "$google_package; or set PUBSUB_EMULATOR_JAR to a cloud-pubsub-emulator-*.jar"
}

python_environment() {
  local wanted="$root/tests_integration/requirements.txt" stamp="$root/.venv/requirements.txt"
  cmp -s "$wanted" "$stamp" && return 0
  say "installing the tests' Python packages into .venv"
  /usr/bin/python3 -m venv "$root/.venv"
  "$root/.venv/bin/pip" install -q --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$stamp"
}

# Others' readers of what walpulse publishes, those in Java.
consumers() {
  local wanted="$root/tests_integration/consumers.xml" folder="$root/.venv/jars"
  cmp -s "$wanted" "$folder/complete.xml" && return 0
  command -v mvn >/dev/null || {
    say 'installing maven'
    apt_install maven
  }
  say "installing Flink's reader of change events, and CloudEvents', into .venv/jars"
  rm -rf "$folder"
  mvn -q -B -f "$wanted" dependency:copy-dependencies "-DoutputDirectory=$folder" >"$scratch/mvn" 2>&1 || {
    cat "$scratch/mvn" >&3
    say "they could not be fetched: tests_integration/capture/test_consumers.py will fail"
    return 0
  }
  cp "$wanted" "$folder/complete.xml"
}

# A pooler. Debian's package would start one for the whole machine: its files alone.
pooler() {
  local folder="$root/.venv/pgbouncer"
  [ ! -x "$folder/usr/sbin/pgbouncer" ] || return 0
  say "installing PgBouncer's program into .venv/pgbouncer"
  [ -n "$apt_updated" ] || apt_get update
  apt_updated=yes
  (cd "$scratch" && apt-get -qq download pgbouncer && dpkg-deb -x pgbouncer_*.deb "$folder") >"$scratch/pooler" 2>&1 || {
    cat "$scratch/pooler" >&3
    say "it could not be fetched: tests_integration/deploy/test_pooler.py will fail"
  }
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
    apt_install npm
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
    consumers
    pooler
    ;;
  versions)
    "$0" test
    postgres_versions
    ;;
  fuzz)
    install_packages "$here/packages-build.txt" "$here/packages-test.txt" "$here/packages-fuzz.txt"
    ;;
  *)
    sed -n '2,13s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac
