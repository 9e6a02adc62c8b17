# Dashboard and alert policies are files in deploy/monitoring, in the format of Cloud Monitoring's
# own API, so that they can be used without Terraform, too. A test compares every name, label, kind
# and unit in them with what the programs export.

locals {
  metric_prefix = "custom.googleapis.com/walpulse"
  monitoring    = "${path.module}/../monitoring"

  descriptors = {
    for descriptor in jsondecode(file("${local.monitoring}/descriptors.json")) : descriptor.type => descriptor
  }

  alert_files = {
    for path in fileset("${local.monitoring}/alerts", "**/*.json") : trimsuffix(basename(path), ".json") => path
  }
  every_alert = {
    for name, path in local.alert_files : name => jsondecode(
      templatefile("${local.monitoring}/alerts/${path}", { runbook_url = var.runbook_url })
    )
  }

  # What lies in the folder itself says that walpulse or Mage's scheduler does not work; what lies in
  # pipelines/ says what is wrong with a pipeline, which the page shows, too.
  alerts = {
    for name, alert in local.every_alert : name => alert if var.alerts == "all" || dirname(local.alert_files[name]) == "."
  }

  # By these names a policy is switched off, or a condition given another threshold.
  thresholds = flatten([
    for name, alert in local.every_alert : [
      for index, condition in alert.conditions : index == 0 ? name : "${name}-${index + 1}" if can(condition.conditionThreshold)
    ]
  ])
  unknown_alerts = setunion(
    setsubtract(keys(var.alert_thresholds), local.thresholds),
    setsubtract(var.alerts_disabled, keys(local.every_alert)),
  )
}

# A name of an earlier release, or one mistyped, would change nothing and say nothing.
check "alert_names" {
  assert {
    condition     = length(local.unknown_alerts) == 0
    error_message = "No alert policy has a threshold or a switch by the name of ${join(", ", local.unknown_alerts)}. Names are those of the files in deploy/monitoring/alerts; what replaced earlier ones is in deploy/README.md."
  }
}

# An alert policy cannot name a metric that does not exist yet, and the first points come after the
# first event. The monitor updates the same descriptors when it starts, and adds the labels that it
# was given: what they become is its business.
resource "google_monitoring_metric_descriptor" "metric" {
  for_each = { for type, descriptor in local.descriptors : type => descriptor if var.monitoring }

  project      = var.project_id
  type         = each.value.type
  metric_kind  = each.value.metricKind
  value_type   = each.value.valueType
  unit         = each.value.unit
  display_name = each.value.displayName
  description  = each.value.description

  dynamic "labels" {
    for_each = lookup(each.value, "labels", [])
    content {
      key         = labels.value.key
      value_type  = labels.value.valueType
      description = labels.value.description
    }
  }

  lifecycle {
    ignore_changes = all
  }

  depends_on = [module.foundation.apis]
}

resource "google_monitoring_dashboard" "walpulse" {
  count = var.monitoring ? 1 : 0

  project        = var.project_id
  dashboard_json = file("${local.monitoring}/dashboard.json")

  depends_on = [google_monitoring_metric_descriptor.metric]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = { for name, alert in local.alerts : name => alert if var.monitoring }

  project               = var.project_id
  display_name          = each.value.displayName
  combiner              = each.value.combiner
  severity              = each.value.severity
  enabled               = !contains(var.alerts_disabled, each.key)
  notification_channels = var.notification_channels
  user_labels           = merge(var.labels, each.value.userLabels)

  dynamic "conditions" {
    for_each = each.value.conditions
    iterator = condition
    content {
      display_name = condition.value.displayName

      dynamic "condition_threshold" {
        for_each = [for known in [condition.value] : known.conditionThreshold if can(known.conditionThreshold)]
        iterator = it
        content {
          filter             = it.value.filter
          denominator_filter = lookup(it.value, "denominatorFilter", null)
          comparison         = it.value.comparison
          threshold_value    = lookup(var.alert_thresholds, condition.key == 0 ? each.key : "${each.key}-${condition.key + 1}", it.value.thresholdValue)
          duration           = it.value.duration

          dynamic "aggregations" {
            for_each = it.value.aggregations
            content {
              alignment_period     = aggregations.value.alignmentPeriod
              per_series_aligner   = aggregations.value.perSeriesAligner
              cross_series_reducer = lookup(aggregations.value, "crossSeriesReducer", null)
              group_by_fields      = lookup(aggregations.value, "groupByFields", null)
            }
          }

          dynamic "denominator_aggregations" {
            for_each = lookup(it.value, "denominatorAggregations", [])
            content {
              alignment_period     = denominator_aggregations.value.alignmentPeriod
              per_series_aligner   = denominator_aggregations.value.perSeriesAligner
              cross_series_reducer = lookup(denominator_aggregations.value, "crossSeriesReducer", null)
              group_by_fields      = lookup(denominator_aggregations.value, "groupByFields", null)
            }
          }
        }
      }

      dynamic "condition_absent" {
        for_each = [for known in [condition.value] : known.conditionAbsent if can(known.conditionAbsent)]
        iterator = it
        content {
          filter   = it.value.filter
          duration = it.value.duration

          dynamic "aggregations" {
            for_each = it.value.aggregations
            content {
              alignment_period     = aggregations.value.alignmentPeriod
              per_series_aligner   = aggregations.value.perSeriesAligner
              cross_series_reducer = lookup(aggregations.value, "crossSeriesReducer", null)
              group_by_fields      = lookup(aggregations.value, "groupByFields", null)
            }
          }
        }
      }
    }
  }

  documentation {
    content   = each.value.documentation.content
    mime_type = each.value.documentation.mimeType

    dynamic "links" {
      for_each = each.value.documentation.links
      content {
        display_name = links.value.displayName
        url          = links.value.url
      }
    }
  }

  alert_strategy {
    auto_close = each.value.alertStrategy.autoClose
  }

  depends_on = [google_monitoring_metric_descriptor.metric]
}
