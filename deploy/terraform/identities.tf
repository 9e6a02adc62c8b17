# One account for each program, and one that only calls the monitor. None has a key.

resource "google_service_account" "connector" {
  project      = var.project_id
  account_id   = "${var.name}-connector"
  display_name = "walpulse: reads the log, publishes"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "monitor" {
  project      = var.project_id
  account_id   = "${var.name}-monitor"
  display_name = "walpulse: keeps the ledger, writes metrics"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "push" {
  count = local.pushes ? 1 : 0

  project      = var.project_id
  account_id   = "${var.name}-push"
  display_name = "walpulse: Pub/Sub's identity when it calls the monitor"

  depends_on = [google_project_service.api]
}

# Cloud SQL: to connect, and with IAM also to log in. Which rows an account may touch is the
# database's own business (GRANT).
resource "google_project_iam_member" "sql_client" {
  for_each = local.programs

  project = var.project_id
  role    = "roles/cloudsql.client"
  member  = "serviceAccount:${each.value}"
}

resource "google_project_iam_member" "sql_user" {
  for_each = var.database_auth == "iam" ? local.programs : {}

  project = var.project_id
  role    = "roles/cloudsql.instanceUser"
  member  = "serviceAccount:${each.value}"
}

resource "google_project_iam_member" "metric_writer" {
  project = var.project_id
  role    = "roles/monitoring.metricWriter"
  member  = "serviceAccount:${google_service_account.monitor.email}"
}

resource "google_pubsub_topic_iam_member" "connector_publishes" {
  project = var.project_id
  topic   = google_pubsub_topic.events.id
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${google_service_account.connector.email}"
}

resource "google_pubsub_topic_iam_member" "monitor_sets_aside" {
  project = var.project_id
  topic   = google_pubsub_topic.dead_letters.id
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${google_service_account.monitor.email}"
}

resource "google_pubsub_subscription_iam_member" "monitor_pulls" {
  count = local.pushes ? 0 : 1

  project      = var.project_id
  subscription = google_pubsub_subscription.monitor.id
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${google_service_account.monitor.email}"
}

# Pub/Sub signs its calls as the push account: on that account alone.
resource "google_service_account_iam_member" "pubsub_signs" {
  count = local.pushes ? 1 : 0

  service_account_id = google_service_account.push[0].id
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

locals {
  pushes = var.monitor_delivery == "push"

  programs = merge(
    {
      connector = google_service_account.connector.email
      monitor   = google_service_account.monitor.email
    },
    var.page == null ? {} : { page = google_service_account.page[0].email },
  )
}
