# Cloud SQL: to connect, and with IAM also to log in. Which rows an account may touch is the
# database's own business (GRANT).
resource "google_project_iam_member" "sql_client" {
  for_each = local.programs

  project = var.project_id
  role    = "roles/cloudsql.client"
  member  = "serviceAccount:${each.value}"
}

resource "google_project_iam_member" "sql_user" {
  for_each = var.database_iam ? local.programs : {}

  project = var.project_id
  role    = "roles/cloudsql.instanceUser"
  member  = "serviceAccount:${each.value}"
}

resource "google_project_iam_member" "metric_writer" {
  project = var.project_id
  role    = "roles/monitoring.metricWriter"
  member  = "serviceAccount:${google_service_account.monitor.email}"
}

# These secrets are not of walpulse's making, so that a deployment has no rights to them.
resource "google_secret_manager_secret_iam_member" "channel" {
  for_each = var.channel_secrets

  project   = var.project_id
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.monitor.email}"
}
