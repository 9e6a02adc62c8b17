# Only with database_auth = password. Each program reads its own secret and no other; the values
# are written without entering the state.

locals {
  secrets = var.database_auth == "password" ? local.programs : {}

  # Program -> the name of its secret; null where it logs in by IAM.
  password_secrets = {
    for program in keys(local.programs) :
    program => var.database_auth == "password" ? google_secret_manager_secret.password[program].secret_id : null
  }
}

resource "google_secret_manager_secret" "password" {
  for_each = local.secrets

  project   = var.project_id
  secret_id = "${var.name}-${each.key}-password"
  labels    = var.labels

  replication {
    auto {}
  }

  depends_on = [module.foundation.apis]
}

resource "google_secret_manager_secret_version" "password" {
  for_each = local.secrets

  secret                 = google_secret_manager_secret.password[each.key].id
  secret_data_wo         = { connector = var.connector_password, monitor = var.monitor_password, page = var.page_password }[each.key]
  secret_data_wo_version = var.password_version
}

resource "google_secret_manager_secret_iam_member" "password" {
  for_each = local.secrets

  project   = var.project_id
  secret_id = google_secret_manager_secret.password[each.key].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${each.value}"
}
