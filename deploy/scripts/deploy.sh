#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Brings both programs to the images named, by Terraform: plans, shows, applies.
#
#   deploy.sh --connector-image IMAGE --monitor-image IMAGE [--folder deploy/terraform/example]
#             [--plan-only] [--yes] [--dry-run]
#
# Run again with the same images it changes nothing. The connector's new instance waits until the
# old one has let go of the slot; the monitor's old one finishes its requests. Other settings are in
# the folder's terraform.tfvars. --plan-only takes no lock: who plans need not be able to write the state.
. "$(dirname "$0")/common.sh"

connector_image='' monitor_image='' folder=$root/deploy/terraform/example plan_only='' yes=''
terraform=${TERRAFORM:-terraform}
options "connector-image monitor-image folder" "plan-only yes" "$@"
require connector_image monitor_image
need "$terraform"

plan=walpulse.plan
lock=-lock-timeout=5m
[ -z "$plan_only" ] || lock=-lock=false
[ -n "$dry_run" ] || plan=$(mktemp)
[ -n "$dry_run" ] || trap 'rm -f "$plan"' EXIT
run "$terraform" -chdir="$folder" init -input=false
run "$terraform" -chdir="$folder" plan -input=false "$lock" -out="$plan" \
  -var="connector_image=$connector_image" -var="monitor_image=$monitor_image"
[ -z "$plan_only" ] || exit 0
if [ -z "$yes" ] && [ -z "$dry_run" ]; then
  read -r -p 'Apply this plan? [y/N] ' answer
  [ "$answer" = y ] || {
    say 'nothing is changed'
    exit 1
  }
fi
run "$terraform" -chdir="$folder" apply -input=false "$plan"
