#!/usr/bin/env bash
# Builds both images with buildah, without a container engine: the recipe is the Containerfile that
# an engine would run.
#
#   build.sh [--local-base] [--prebuilt] [--tag TAG] [PREFIX]
#
#   --local-base  on localhost/debian:12-slim (see base.sh) instead of Docker's debian:12-slim
#   --prebuilt    package build/release/bin instead of compiling
#   --tag TAG     instead of the version in CMakeLists.txt
#   PREFIX        where the images belong [localhost]: europe-west1-docker.pkg.dev/PROJECT/walpulse
#
# CCACHE_DIR, where set, is the compiler's cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

options=(--layers --network host --format oci) prefix=localhost programs=compiled
tag=$(sed -n 's/^project(walpulse VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
while [ $# -gt 0 ]; do
  case "$1" in
    --local-base) options+=(--build-arg BASE=localhost/debian:12-slim --pull-never) ;;
    --prebuilt) programs=prebuilt ;;
    --tag)
      tag=${2:?--tag takes a value, for example --tag 0.1.0}
      shift
      ;;
    --help | -*)
      sed -n '2,14s/^# \{0,1\}//p' "$0"
      [ "$1" = --help ] && exit 0
      exit 64
      ;;
    *) prefix=$1 ;;
  esac
  shift
done
[ -z "${CCACHE_DIR:-}" ] || options+=(--volume "$CCACHE_DIR:/ccache")

revision=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
for program in connector monitor; do
  buildah bud "${options[@]}" --build-arg PROGRAM="$program" --build-arg PROGRAMS="$programs" \
    --build-arg VERSION="$tag" --build-arg REVISION="$revision" \
    --ignorefile "$here/Containerfile.dockerignore" -f "$here/Containerfile" \
    -t "$prefix/walpulse-$program:$tag" "$root" >&2
  echo "$prefix/walpulse-$program:$tag"
done
