# What the service and the pool have in common.

locals {
  # A custom audience, known before the service is: its own address would be known only afterwards,
  # and the service has to be told it.
  push_audience = "https://${var.name}-monitor.${var.project_id}.walpulse.invalid"

  monitor_settings = merge(
    {
      WALPULSE_LEDGER          = local.dsns.monitor
      WALPULSE_EXPORT          = "cloud-monitoring"
      WALPULSE_EXPORT_INTERVAL = var.export_interval
      WALPULSE_PROJECT         = var.project_id
      WALPULSE_LOCATION        = var.region
      WALPULSE_DEAD_LETTER     = "pubsub://${var.project_id}/${google_pubsub_topic.dead_letters.name}"
      WALPULSE_LOG_FORMAT      = "json"
      GOOGLE_CLOUD_PROJECT     = var.project_id
    },
    var.mage_url == null ? {} : { WALPULSE_MAGE_URL = var.mage_url },
    var.database_auth == "iam" ? { WALPULSE_CLOUD_SQL_IAM = "true" } : {},
    # Cloud Run has checked the signature and taken it off; the claims are checked once more.
    local.pushes ? {
      WALPULSE_PUSH_AUTH            = "platform"
      WALPULSE_PUSH_AUDIENCE        = local.push_audience
      WALPULSE_PUSH_SERVICE_ACCOUNT = google_service_account.push[0].email
      WALPULSE_PUSH_SUBSCRIPTION    = local.monitor_subscription
    } : {},
  )

  # Known without asking the subscription, which itself waits for the service that it pushes to.
  monitor_subscription = "projects/${var.project_id}/subscriptions/${var.name}-monitor"

  pull_settings = merge(local.monitor_settings, {
    WALPULSE_SUBSCRIPTION = local.monitor_subscription
    WALPULSE_PUSH_AUTH    = "refuse"
  })
}
