# Who may call the monitor, where it is a service.

resource "google_cloud_run_v2_service_iam_member" "push_calls" {
  count = local.pushes ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = module.monitor.service.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.accounts.push}"
}

# People, with push: by an identity token (`gcloud run services proxy`). IAP would stand before
# Pub/Sub's calls too, and Pub/Sub cannot pass it.
resource "google_cloud_run_v2_service_iam_member" "reader" {
  for_each = local.pushes ? toset(var.readers) : toset([])

  project  = var.project_id
  location = var.region
  name     = module.monitor.service.name
  role     = "roles/run.invoker"
  member   = each.value
}

# People, with pull: through IAP, which calls the service as itself. The output iap_command
# switches IAP on.
resource "google_iap_web_cloud_run_service_iam_member" "reader" {
  for_each = var.monitor_delivery == "pull" ? toset(var.readers) : toset([])

  project                = var.project_id
  location               = var.region
  cloud_run_service_name = module.monitor.service.name
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}

resource "google_cloud_run_v2_service_iam_member" "iap_calls" {
  count = var.monitor_delivery == "pull" && length(var.readers) > 0 ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = module.monitor.service.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}
