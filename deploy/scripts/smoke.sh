#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Publishes one synthetic event and waits until Cloud Monitoring has counted it: topic, subscription,
# monitor, ledger and export, end to end. Exit code 1 when it does not arrive in time.
#
#   smoke.sh --project my-project [--topic walpulse-events] [--seconds 300] [--dry-run]
#
# The event is a TRUNCATE of a source of its own, walpulse-smoke: it moves the counters of that
# source and no gauge, so that no dashboard of Mage's pipelines and no alert sees it. It needs
# pubsub.publisher on the topic and monitoring.viewer.
. "$(dirname "$0")/common.sh"

project='' topic=walpulse-events seconds=300
options "project topic seconds" '' "$@"
require project
need_anyway jq python3
need gcloud curl

prefix=custom.googleapis.com/walpulse
counted() {
  local filter from
  filter="metric.type=\"$prefix/event/processed_count\" AND resource.labels.namespace=\"walpulse-smoke\" AND metric.labels.outcome=\"applied\""
  from=$(date -u -d '-23 hours' +%Y-%m-%dT%H:%M:%SZ)
  look '{"timeSeries":[{"points":[{"value":{"int64Value":"1"}}]}]}' \
    curl -sS --fail-with-body -G "https://monitoring.googleapis.com/v3/projects/$project/timeSeries" \
    -H @- --data-urlencode "filter=$filter" --data-urlencode "interval.startTime=$from" \
    --data-urlencode "interval.endTime=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    <<<"Authorization: Bearer $(look TOKEN gcloud auth print-access-token)" |
    jq '[.timeSeries[]?.points[0].value.int64Value | tonumber] | add // 0'
}

# Positions and times only grow: the monitor takes an older one for another history.
event=$(python3 - <<'EOF'
import json, time

us = time.time_ns() // 1000
print(json.dumps({
    "op": "t", "ts_ms": us // 1000, "before": None, "after": None,
    "truncate": {"cascade": False, "restart_identity": False},
    "source": {"version": "0.1.0", "connector": "postgresql", "name": "walpulse-smoke",
               "ts_ms": us // 1000, "ts_us": us, "snapshot": "false", "db": "walpulse-smoke",
               "schema": "public", "table": "pipeline_run", "txId": 1, "lsn": us,
               "commit_lsn": us + 8, "ordinal": 0, "epoch": 1,
               "sequence": json.dumps([str(us + 8), str(us)], separators=(",", ":"))},
    "transaction": {"id": f"1:{us + 8}", "total_order": 1, "data_collection_order": 1},
}, separators=(",", ":")))
EOF
)

before=$(counted)
run gcloud pubsub topics publish "$topic" --project="$project" --message="$event" \
  --attribute=schema_version=1,op=t,table=public.pipeline_run
[ -z "$dry_run" ] || exit 0
say "published; counted so far: $before"
deadline=$((SECONDS + seconds))
while [ "$SECONDS" -lt "$deadline" ]; do
  after=$(counted)
  if [ "$after" -gt "$before" ]; then
    say "counted: $after"
    exit 0
  fi
  sleep 10
done
say "not counted within $seconds s: see the monitor's /readiness and log, and deploy/runbook.md#dead-man"
exit 1
