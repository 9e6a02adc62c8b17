locals {
  keeps_secrets = var.database_auth == "password" || var.rules != null || length(var.channel_secrets) > 0

  apis = concat(
    [
      "iam.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "pubsub.googleapis.com",
      "run.googleapis.com",
      "sqladmin.googleapis.com",
    ],
    local.keeps_secrets ? ["secretmanager.googleapis.com"] : [],
    var.bigquery_archive == null ? [] : ["bigquery.googleapis.com"],
    var.page != null || (var.monitor_delivery == "pull" && length(var.readers) > 0) ? ["iap.googleapis.com"] : [],
  )
}

resource "google_project_service" "api" {
  for_each = var.enable_apis ? toset(local.apis) : toset([])

  project            = var.project_id
  service            = each.value
  disable_on_destroy = false
}

data "google_project" "this" {
  project_id = var.project_id

  depends_on = [google_project_service.api]
}

locals {
  # The account by which Pub/Sub itself pushes and writes archives.
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}
