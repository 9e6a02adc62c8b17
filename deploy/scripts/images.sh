#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Builds both images, pushes them and prints their digests: CONNECTOR_IMAGE=... MONITOR_IMAGE=...
#
#   images.sh --project my-project --region europe-west1 [--repository walpulse] [--tag TAG]
#             [--engine docker|podman|buildah] [--base IMAGE] [--dry-run]
#
# The Artifact Registry repository is made where it is missing. The tag is the commit's unless given;
# pushing the same commit again changes nothing. What the base's tag (debian:12-slim) means today is
# looked up once, printed, and written into both images' labels; --base docker.io/library/debian@sha256:...
# builds on what was built on before. Standard output is the two lines and nothing else: CI reads it as variables.
. "$(dirname "$0")/common.sh"

project='' region='' repository=walpulse tag='' engine=docker
base=docker.io/library/debian:12-slim
options "project region repository tag engine base" '' "$@"
require project region
need gcloud "$engine"
[ -n "$tag" ] || tag=$(git -C "$root" rev-parse --short=12 HEAD)

# docker push, among others, talks there.
exec 3>&1
[ -n "$dry_run" ] || exec 1>&2

host=$region-docker.pkg.dev
prefix=$host/$project/$repository
if ! look yes gcloud artifacts repositories describe "$repository" --project="$project" \
  --location="$region" --format='value(name)' >/dev/null 2>&1; then
  run gcloud artifacts repositories create "$repository" --project="$project" \
    --location="$region" --repository-format=docker --description='walpulse images'
fi

if [ "$engine" = buildah ]; then
  run "$root/deploy/container/build.sh" --base "$base" --tag "$tag" "$prefix"
else
  if [[ $base != *@* ]]; then
    run "$engine" pull -q "$base"
    base=$(look docker.io/library/debian@sha256:0000 "$engine" image inspect \
      --format '{{index .RepoDigests 0}}' "$base")
  fi
  say "on $base"
  for program in connector monitor; do
    run "$engine" build -f "$root/deploy/container/Containerfile" --build-arg PROGRAM="$program" \
      --build-arg VERSION="$tag" --build-arg REVISION="$(git -C "$root" rev-parse HEAD)" \
      --build-arg BASE="$base" --build-arg BASE_DIGEST="${base##*@}" \
      -t "$prefix/walpulse-$program:$tag" "$root"
  done
fi
for program in connector monitor; do
  run "$engine" push "$prefix/walpulse-$program:$tag"
  digest=$(look sha256:0000 gcloud artifacts docker images describe \
    "$prefix/walpulse-$program:$tag" --format='value(image_summary.digest)')
  printf '%s_IMAGE=%s/walpulse-%s@%s\n' "${program^^}" "$prefix" "$program" "$digest" >&3
done
