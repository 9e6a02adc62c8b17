# The monitor as a service, for push and for pull with a page; or as a worker pool, which pulls and
# has no address.

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
    var.rules == null ? {} : { WALPULSE_RULES = local.rules_path },
    # The page's own address is known: it does not need the monitor.
    var.page_url == null && var.page == null ? {} : {
      WALPULSE_PAGE_URL = var.page_url == null ? module.page[0].service.uri : var.page_url
    },
    var.database_auth == "iam" ? { WALPULSE_CLOUD_SQL_IAM = "true" } : {},
    # Cloud Run has checked the signature and taken it off; the claims are checked once more.
    local.pushes ? {
      WALPULSE_PUSH_AUTH            = "platform"
      WALPULSE_PUSH_AUDIENCE        = local.push_audience
      WALPULSE_PUSH_SERVICE_ACCOUNT = local.accounts.push
      WALPULSE_PUSH_SUBSCRIPTION    = local.monitor_subscription
    } : {},
    # Cloud Run's IAM, or IAP before it, has decided who comes in; who it is stands in the token.
    length(var.readers) == 0 || var.monitor_delivery == "pool" ? {} : local.pushes ? {
      WALPULSE_READERS = "platform"
      } : {
      WALPULSE_READERS      = "iap"
      WALPULSE_IAP_AUDIENCE = "${local.iap_services}/${var.name}-monitor"
    },
    length(var.readers) == 0 || var.monitor_delivery == "pool" || length(var.writers) == 0 ? {} : {
      WALPULSE_WRITER = join(",", var.writers)
    },
  )

  # What IAP's assertions are made out to, up to the service's name.
  iap_services = "/projects/${data.google_project.this.number}/locations/${var.region}/services"

  # Known without asking the subscription, which itself waits for the service that it pushes to.
  monitor_subscription = "projects/${var.project_id}/subscriptions/${var.name}-monitor"

  pull_settings = merge(local.monitor_settings, {
    WALPULSE_SUBSCRIPTION = local.monitor_subscription
    WALPULSE_PUSH_AUTH    = "refuse"
  })
}

module "monitor" {
  source = "./cloud_run_workload"

  project_id          = var.project_id
  region              = var.region
  name                = "${var.name}-monitor"
  labels              = var.labels
  deletion_protection = var.deletion_protection
  service_account     = local.accounts.monitor

  image           = var.monitor_image
  command         = "serve"
  settings        = local.pushes ? local.monitor_settings : local.pull_settings
  password_secret = local.password_secrets.monitor
  secrets         = var.channel_secrets
  rules_secret    = local.rules_secret
  instances       = var.monitor_instances_min
  sql_connection  = local.connections.ledger
  vpc             = var.vpc

  service = var.monitor_delivery == "pool" ? null : {
    custom_audiences = local.pushes ? [local.push_audience] : null
    instances_max    = var.monitor_instances_max
  }

  depends_on = [
    module.foundation,
    google_pubsub_topic_iam_member.monitor_sets_aside,
    google_secret_manager_secret_iam_member.password,
    google_secret_manager_secret_iam_member.rules,
    google_secret_manager_secret_version.password,
    google_secret_manager_secret_version.rules,
    google_sql_database.ledger,
    google_sql_user.monitor,
  ]
}
