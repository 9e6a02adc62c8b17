resource "google_pubsub_topic" "events" {
  project                    = var.project_id
  name                       = "${var.name}-events"
  labels                     = var.labels
  message_retention_duration = var.topic_retention

  # Messages of one ordering key keep their order within one region.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  dynamic "schema_settings" {
    for_each = var.topic_schema == null ? [] : [var.topic_schema]
    content {
      schema   = schema_settings.value.schema
      encoding = schema_settings.value.encoding
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.missing_accounts) == 0
      error_message = "accounts lacks ${join(" and ", local.missing_accounts)}: apply deploy/terraform/bootstrap with ${join(" and ", [for name in local.missing_accounts : "${name} = true"])}."
    }
  }

  depends_on = [module.foundation.apis]
}

# The monitor sorts by position itself. Ordered delivery would let one slow message hold back the
# others of its key, a dead-letter policy would take messages from it that the ledger has not yet
# seen: what it cannot use it keeps, and publishes to the dead letters, itself.
resource "google_pubsub_subscription" "monitor" {
  project = var.project_id
  name    = "${var.name}-monitor"
  topic   = google_pubsub_topic.events.id
  labels  = var.labels

  enable_message_ordering    = false
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  # Without it a redelivery is immediate, and a ledger that is away would be hammered.
  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "60s"
  }

  # Never: a monitor that was switched off for a month must not lose its place.
  expiration_policy {
    ttl = ""
  }

  dynamic "push_config" {
    for_each = local.pushes ? [module.monitor.service.uri] : []
    content {
      push_endpoint = "${push_config.value}/push"

      oidc_token {
        service_account_email = local.accounts.push
        audience              = local.push_audience
      }
    }
  }

  depends_on = [
    module.foundation,
    google_cloud_run_v2_service_iam_member.push_calls,
  ]
}

# What the monitor set aside: not an event, or a conflict. A copy; the ledger has them too, and
# `walpulse-monitor redrive` applies them from there.
resource "google_pubsub_topic" "dead_letters" {
  project                    = var.project_id
  name                       = "${var.name}-dead-letters"
  labels                     = var.labels
  message_retention_duration = "2678400s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [module.foundation.apis]
}

resource "google_pubsub_subscription" "dead_letters" {
  project                    = var.project_id
  name                       = "${var.name}-dead-letters"
  topic                      = google_pubsub_topic.dead_letters.id
  labels                     = var.labels
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"
  retain_acked_messages      = false

  expiration_policy {
    ttl = ""
  }
}
