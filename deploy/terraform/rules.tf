# The rules file: who is told, what is late, what runs next. There is no secret in it, yet it is kept as one:
# Cloud Run mounts a secret as a file and reads its newest version each time, so that a change is in force
# within a minute and without a new revision. The channels' own secrets are variables, which the rules name.

locals {
  rules_readers = var.rules == null ? {} : { for program, account in local.programs : program => account if program != "connector" }

  # Where cloud_run_workload mounts it.
  rules_path   = "/etc/walpulse/rules/rules.toml"
  rules_secret = var.rules == null ? null : google_secret_manager_secret.rules[0].secret_id
}

resource "google_secret_manager_secret" "rules" {
  count = var.rules == null ? 0 : 1

  project   = var.project_id
  secret_id = "${var.name}-rules"
  labels    = var.labels

  replication {
    auto {}
  }

  depends_on = [module.foundation.apis]
}

resource "google_secret_manager_secret_version" "rules" {
  count = var.rules == null ? 0 : 1

  secret      = google_secret_manager_secret.rules[0].id
  secret_data = var.rules

  # There is a newest version at any time: no instance starts without its file.
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "rules" {
  for_each = local.rules_readers

  project   = var.project_id
  secret_id = google_secret_manager_secret.rules[0].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${each.value}"
}
