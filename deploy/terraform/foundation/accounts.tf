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

resource "google_service_account" "page" {
  count = var.page ? 1 : 0

  project      = var.project_id
  account_id   = "${var.name}-page"
  display_name = "walpulse: shows the ledger"

  depends_on = [google_project_service.api]
}

resource "google_service_account" "push" {
  count = var.push ? 1 : 0

  project      = var.project_id
  account_id   = "${var.name}-push"
  display_name = "walpulse: Pub/Sub's identity when it calls the monitor"

  depends_on = [google_project_service.api]
}

locals {
  programs = merge(
    {
      connector = google_service_account.connector.email
      monitor   = google_service_account.monitor.email
    },
    var.page ? { page = google_service_account.page[0].email } : {},
  )
}

# Pub/Sub signs its calls as the push account: on that account alone.
resource "google_service_account_iam_member" "pubsub_signs" {
  count = var.push ? 1 : 0

  service_account_id = google_service_account.push[0].id
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# Whoever gives Cloud Run a program, or Pub/Sub a push endpoint, acts as its account. On the project the
# role would be one for every account in it, those with more rights too.
resource "google_service_account_iam_member" "deployer" {
  for_each = var.deployer == null ? {} : merge(
    {
      connector = google_service_account.connector.id
      monitor   = google_service_account.monitor.id
    },
    var.page ? { page = google_service_account.page[0].id } : {},
    var.push ? { push = google_service_account.push[0].id } : {},
  )

  service_account_id = each.value
  role               = "roles/iam.serviceAccountUser"
  member             = var.deployer
}
