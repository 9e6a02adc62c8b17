#!/usr/bin/env bash
# Builds both images with buildah, without a container engine: the recipe is the Containerfile that
# an engine would run.
#
#   build.sh [--local-base] [--base IMAGE] [--prebuilt] [--tag TAG] [PREFIX]
#
#   --local-base  on localhost/debian:12-slim (see base.sh) instead of Docker's debian:12-slim
#   --base IMAGE  on this one: docker.io/library/debian@sha256:... builds on what was built on before
#   --prebuilt    package build/release/bin instead of compiling
#   --tag TAG     instead of the version in CMakeLists.txt
#   PREFIX        where the images belong [localhost]: europe-west1-docker.pkg.dev/PROJECT/walpulse
#
# CCACHE_DIR, where set, is the compiler's cache. What the base's tag means today is looked up once, printed,
# and written into both images' labels (org.opencontainers.image.base.digest).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

options=(--layers --network host --format oci) prefix=localhost programs=compiled
base=docker.io/library/debian:12-slim
tag=$(sed -n 's/^project(walpulse VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
while [ $# -gt 0 ]; do
  case "$1" in
    --local-base) base=localhost/debian:12-slim ;;
    --base)
      base=${2:?--base takes an image, for example --base docker.io/library/debian:12-slim}
      shift
      ;;
    --prebuilt) programs=prebuilt ;;
    --tag)
      tag=${2:?--tag takes a value, for example --tag 0.1.0}
      shift
      ;;
    --help | -*)
      sed -n '2,16s/^# \{0,1\}//p' "$0"
      [ "$1" = --help ] && exit 0
      exit 64
      ;;
    *) prefix=$1 ;;
  esac
  shift
done
[ -z "${CCACHE_DIR:-}" ] || options+=(--volume "$CCACHE_DIR:/ccache")

# Debian's tag is another image after each of its rebuilds, also between the connector and the monitor. What
# is in no registry is found by its name alone.
exact=$base
if [[ $base != *@* ]]; then
  [[ $base == localhost/* ]] || buildah pull -q "$base" >/dev/null
  exact=$(buildah images --format '{{.Name}}@{{.Digest}}' "$base" | sed -n 1p)
fi
digest=${exact##*@}
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || {
  printf 'build: %s has no digest: %s\n' "$base" "$exact" >&2
  exit 1
}
if [[ $base == localhost/* ]]; then options+=(--pull-never); else base=$exact; fi
printf 'build: on %s@%s\n' "${exact%@*}" "$digest" >&2

revision=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
for program in connector monitor; do
  buildah bud "${options[@]}" --build-arg PROGRAM="$program" --build-arg PROGRAMS="$programs" \
    --build-arg VERSION="$tag" --build-arg REVISION="$revision" \
    --build-arg BASE="$base" --build-arg BASE_DIGEST="$digest" \
    --ignorefile "$here/Containerfile.dockerignore" -f "$here/Containerfile" \
    -t "$prefix/walpulse-$program:$tag" "$root" >&2
  echo "$prefix/walpulse-$program:$tag"
done
