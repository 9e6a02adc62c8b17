# One instance reads the slot. A worker pool has no address, always has its CPU, and Cloud Run
# replaces an instance that ends. While a new revision starts beside the old one, the slot itself is
# the lock: the second waits until the first has let go.

locals {
  connector_settings = merge(
    {
      WALPULSE_DSN           = local.dsns.connector
      WALPULSE_SCHEMA        = var.schema
      WALPULSE_SLOT          = replace(var.name, "-", "_")
      WALPULSE_PUBLICATION   = replace(var.name, "-", "_")
      WALPULSE_TO            = "pubsub://${var.project_id}/${google_pubsub_topic.events.name}"
      WALPULSE_REPLAY_WINDOW = var.replay_window
      WALPULSE_LOG_FORMAT    = "json"
      GOOGLE_CLOUD_PROJECT   = var.project_id
    },
    length(var.event_labels) == 0 ? {} : {
      WALPULSE_LABEL = join(",", [for name, path in var.event_labels : "${name}=${path}"])
    },
    var.database_auth == "iam" ? { WALPULSE_CLOUD_SQL_IAM = "true" } : {},
  )
}

module "connector" {
  source = "./cloud_run_workload"

  project_id          = var.project_id
  region              = var.region
  name                = "${var.name}-connector"
  labels              = var.labels
  deletion_protection = var.deletion_protection
  service_account     = local.accounts.connector

  image           = var.connector_image
  command         = "run"
  settings        = local.connector_settings
  password_secret = local.password_secrets.connector
  instances       = var.connector_instances
  sql_connection  = local.connections.mage
  vpc             = var.vpc

  depends_on = [
    module.foundation,
    google_pubsub_topic_iam_member.connector_publishes,
    google_secret_manager_secret_iam_member.password,
    google_secret_manager_secret_version.password,
    # What is published before a subscription exists reaches it only by seek.
    google_pubsub_subscription.monitor,
    google_sql_user.connector,
  ]
}
