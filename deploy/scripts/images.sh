#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Builds both images, pushes them and prints their digests: CONNECTOR_IMAGE=... MONITOR_IMAGE=...
#
#   images.sh --project my-project --region europe-west1 [--repository walpulse] [--tag TAG]
#             [--engine docker|podman|buildah] [--dry-run]
#
# The Artifact Registry repository is made where it is missing. The tag is the commit's unless given;
# pushing the same commit again changes nothing.
. "$(dirname "$0")/common.sh"

project='' region='' repository=walpulse tag='' engine=docker
options "project region repository tag engine" '' "$@"
require project region
need gcloud "$engine"
[ -n "$tag" ] || tag=$(git -C "$root" rev-parse --short=12 HEAD)

host=$region-docker.pkg.dev
prefix=$host/$project/$repository
if ! look yes gcloud artifacts repositories describe "$repository" --project="$project" \
  --location="$region" --format='value(name)' >/dev/null 2>&1; then
  run gcloud artifacts repositories create "$repository" --project="$project" \
    --location="$region" --repository-format=docker --description='walpulse images'
fi

if [ "$engine" = buildah ]; then
  run "$root/deploy/container/build.sh" --tag "$tag" "$prefix"
else
  for program in connector monitor; do
    run "$engine" build -f "$root/deploy/container/Containerfile" --build-arg PROGRAM="$program" \
      --build-arg VERSION="$tag" --build-arg REVISION="$(git -C "$root" rev-parse HEAD)" \
      -t "$prefix/walpulse-$program:$tag" "$root"
  done
fi
for program in connector monitor; do
  run "$engine" push "$prefix/walpulse-$program:$tag"
  digest=$(look sha256:0000 gcloud artifacts docker images describe \
    "$prefix/walpulse-$program:$tag" --format='value(image_summary.digest)')
  printf '%s_IMAGE=%s/walpulse-%s@%s\n' "${program^^}" "$prefix" "$program" "$digest"
done
