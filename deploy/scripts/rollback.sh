#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Puts both programs back on the revisions before the ready ones that serve now, at once. The next
# deploy.sh goes forward again; roll back for good by deploying the older images.
#
#   rollback.sh --project my-project --region europe-west1 [--name walpulse]
#               [--monitor service|pool] [--connector-revision R] [--monitor-revision R] [--dry-run]
#
# Positions are safe: the slot and the ledger know what was delivered and counted, whichever version
# asks. A ledger that a newer version has migrated is refused by an older one, which says so: then
# roll back the connector alone, with --monitor none.
. "$(dirname "$0")/common.sh"

project='' region='' name=walpulse monitor=service connector_revision='' monitor_revision=''
options "project region name monitor connector-revision monitor-revision" '' "$@"
require project region
case "$monitor" in service | pool | none) ;; *) say '--monitor is service, pool or none' && usage ;; esac
need gcloud
place=("--project=$project" "--region=$region")

# The second newest revision, unless one is named.
previous() {
  local kind=$1 of=$2 found
  local newest=(--sort-by=~metadata.creationTimestamp --limit=2 '--format=value(metadata.name)')
  if [ "$kind" = service ]; then
    found=$(look $'now\n'"$of-00001" gcloud run revisions list --service="$of" "${place[@]}" "${newest[@]}")
  else
    found=$(look $'now\n'"$of-00001" gcloud run worker-pools revisions list --worker-pool="$of" \
      "${place[@]}" "${newest[@]}")
  fi
  found=$(sed -n 2p <<<"$found")
  [ -n "$found" ] || {
    say "$of has no revision before this one"
    exit 1
  }
  printf '%s\n' "$found"
}

back() {
  local kind=$1 of=$2 revision=$3
  [ -n "$revision" ] || revision=$(previous "$kind" "$of")
  if [ "$kind" = service ]; then
    run gcloud run services update-traffic "$of" "${place[@]}" --to-revisions="$revision=100"
  else
    run gcloud run worker-pools update-instance-split "$of" "${place[@]}" --to-revisions="$revision=100"
  fi
  say "$of is on $revision"
}

back pool "$name-connector" "$connector_revision"
[ "$monitor" = none ] || back "$monitor" "$name-monitor" "$monitor_revision"
