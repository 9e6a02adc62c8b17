#!/usr/bin/env bash
# Makes localhost/debian:12-slim out of Debian's own packages, for where no registry can be reached:
# debootstrap, without what the slim images leave out. Root, debootstrap and buildah.
#
#   base.sh [ROOTFS]   a folder that debootstrap made before, instead of a new one
set -euo pipefail
say() { printf 'base: %s\n' "$*" >&2; }
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

for tool in debootstrap buildah; do
  command -v "$tool" >/dev/null || {
    say "no $tool here: apt-get install debootstrap buildah"
    exit 69
  }
done
[ "$(id -u)" -eq 0 ] || {
  say "debootstrap needs root"
  exit 77
}

rootfs=${1:-}
if [ -z "$rootfs" ]; then
  rootfs=$(mktemp -d)
  trap 'rm -rf "$rootfs"' EXIT
  say "bootstrapping Debian 12 from $mirror"
  debootstrap --variant=minbase bookworm "$rootfs" "$mirror" >/dev/null
fi

container=$(buildah from scratch)
trap 'buildah rm "$container" >/dev/null; [ -n "${1:-}" ] || rm -rf "$rootfs"' EXIT
mounted=$(buildah mount "$container")
tar -C "$rootfs" --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
  --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
  --exclude='./usr/share/info/*' --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
  --exclude='./var/log/*' -cf - . | tar -C "$mounted" -xf -
cat >"$mounted/etc/apt/sources.list" <<EOF
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb ${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security} bookworm-security main
EOF
buildah umount "$container" >/dev/null
buildah config --cmd bash "$container"
buildah commit -q "$container" localhost/debian:12-slim >/dev/null
say "localhost/debian:12-slim is there"
