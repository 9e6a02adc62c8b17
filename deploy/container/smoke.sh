#!/usr/bin/env bash
# Runs both images as their user, as PID 1, on a root file system that nobody can write to:
# --version, --help, and the monitor until SIGTERM ends it. Says what each image adds to its base.
# Root and buildah; no container engine.
#
#   smoke.sh [TAG] [PREFIX]      as build.sh printed them
set -euo pipefail
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
tag=${1:-0.1.0} prefix=${2:-localhost}
bytes_max=$((40 * 1024 * 1024))
say() { printf 'smoke: %s\n' "$*"; }
fail() {
  printf 'smoke: FAILED: %s\n' "$*" >&2
  exit 1
}

container='' work=$(mktemp -d)
finish() {
  [ -z "$container" ] || buildah rm "$container" >/dev/null
  rm -rf "$work"
}
trap finish EXIT

# A container by what util-linux has: mounts and processes of its own, the image read-only below
# it, its user, no other group. The program becomes PID 1, since each step is an exec.
cat >"$work/enter" <<'EOF'
#!/bin/bash
set -e
rootfs=$1
shift
mount --bind "$rootfs" "$rootfs"
mount -t proc proc "$rootfs/proc"
mount -o remount,bind,ro "$rootfs"
if chroot --userspec=10001:10001 "$rootfs" /usr/bin/touch /tmp/writable 2>/dev/null; then exit 99; fi
exec chroot --userspec=10001:10001 --groups=10001 "$rootfs" "$@"
EOF
chmod +x "$work/enter"
run_in() { exec unshare --mount --pid --fork --kill-child "$work/enter" "$@"; }

own_bytes() {
  local image=$1 base_layers=$2 flags=$3
  rm -rf "$work/image"
  # shellcheck disable=SC2086
  buildah push -q $flags "$image" "dir:$work/image" >/dev/null
  jq "[.layers[$base_layers:][].size] | add" "$work/image/manifest.json"
}

# shellcheck disable=SC2016
ask() { timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf "GET %s HTTP/1.0\r\n\r\n" "$2" >&3; head -1 <&3' ask "$1" "$2" 2>/dev/null || true; }

for program in connector monitor; do
  image=$prefix/walpulse-$program:$tag
  config=$(buildah inspect --type image "$image" | jq -c .OCIv1.config)
  user=$(jq -r .User <<<"$config")
  entry=$(jq -c .Entrypoint <<<"$config")
  [ "$user" = 10001:10001 ] || fail "$image runs as '$user'"
  [ "$entry" = "[\"/usr/bin/walpulse-$program\"]" ] || fail "$image starts with $entry"

  container=$(buildah from --pull-never "$image")
  rootfs=$(buildah mount "$container")
  version=$(run_in "$rootfs" "/usr/bin/walpulse-$program" --version) || fail "$program --version"
  [[ $(run_in "$rootfs" "/usr/bin/walpulse-$program" --help) == *Usage:* ]] || fail "$program --help"

  flat=$(own_bytes "$image" 1 --disable-compression)
  packed=$(own_bytes "$image" 1 '')
  [ "$flat" -lt "$bytes_max" ] || fail "$image adds $flat bytes to its base, more than $bytes_max"
  say "$image: $version, as $user, adds $((flat / 1048576)) MiB to its base ($((packed / 1048576)) MiB packed)"

  if [ "$program" = monitor ]; then
    (run_in "$rootfs" /usr/bin/walpulse-monitor serve --ledger memory --http-address 127.0.0.1 \
      --http-port 18080 --log-format json) >"$work/log" 2>&1 &
    outer=$!
    for _ in $(seq 100); do
      [[ $(ask 18080 /liveness) == *200* ]] && break
      sleep 0.1
    done
    [[ $(ask 18080 /liveness) == *200* ]] || fail "the monitor does not serve /liveness: $(cat "$work/log")"
    inner=$(ps -o pid= --ppid "$outer" | tr -d ' ')
    [ "$(awk '/^NSpid:/{print $NF}' "/proc/$inner/status")" = 1 ] || fail "the monitor is not PID 1"
    [ "$(awk '/^Uid:/{print $2}' "/proc/$inner/status")" = 10001 ] || fail "the monitor is not 10001"
    started=$EPOCHREALTIME
    kill -TERM "$inner"
    code=0
    wait "$outer" || code=$?
    took=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN{printf "%.2f", b - a}')
    [ "$code" -eq 0 ] || fail "SIGTERM ended the monitor with $code: $(tail -3 "$work/log")"
    say "$image: PID 1 served /liveness as 10001, SIGTERM ended it with 0 after $took s"
  fi
  buildah rm "$container" >/dev/null
  container=''
done
