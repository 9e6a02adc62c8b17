# The monitor as a service, for push and for pull with a page. Instance-based billing: the exporter,
# the lease and pulling need their CPU between requests, too.

resource "google_cloud_run_v2_service" "monitor" {
  count = var.monitor_delivery == "pool" ? 0 : 1

  project             = var.project_id
  name                = "${var.name}-monitor"
  location            = var.region
  labels              = var.labels
  ingress             = "INGRESS_TRAFFIC_ALL"
  custom_audiences    = local.pushes ? [local.push_audience] : null
  deletion_protection = var.deletion_protection

  template {
    service_account                  = google_service_account.monitor.email
    timeout                          = "60s" # the subscription's deadline: after it nobody waits
    max_instance_request_concurrency = 250

    scaling {
      min_instance_count = var.monitor_instances_min
      max_instance_count = max(var.monitor_instances_min, var.monitor_instances_max)
    }

    containers {
      image = var.monitor_image
      args  = ["serve"]

      ports {
        container_port = 8080
      }

      resources {
        cpu_idle = false
        limits   = local.limits
      }

      # No push reaches an instance before it has reached its ledger.
      startup_probe {
        period_seconds    = 5
        timeout_seconds   = 4
        failure_threshold = 24

        http_get {
          path = "/readiness"
          port = 8080
        }
      }

      # The process only: a ledger that is away is no reason to start anew.
      liveness_probe {
        period_seconds    = 10
        timeout_seconds   = 5
        failure_threshold = 6

        http_get {
          path = "/liveness"
          port = 8080
        }
      }

      dynamic "env" {
        for_each = local.environment.monitor
        content {
          name  = env.key
          value = env.key == "PGPASSWORD" ? null : env.value

          dynamic "value_source" {
            for_each = env.key == "PGPASSWORD" ? [env.value] : []
            content {
              secret_key_ref {
                secret  = value_source.value
                version = "latest"
              }
            }
          }
        }
      }

      volume_mounts {
        name       = "cloudsql"
        mount_path = "/cloudsql"
      }
    }

    volumes {
      name = "cloudsql"
      cloud_sql_instance {
        instances = [local.connections.ledger]
      }
    }

    dynamic "vpc_access" {
      for_each = local.vpc
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  depends_on = [
    google_project_iam_member.metric_writer,
    google_project_iam_member.sql_client,
    google_project_iam_member.sql_user,
    google_pubsub_topic_iam_member.monitor_sets_aside,
    google_secret_manager_secret_iam_member.password,
    google_secret_manager_secret_version.password,
    google_sql_database.ledger,
    google_sql_user.monitor,
  ]
}

resource "google_cloud_run_v2_service_iam_member" "push_calls" {
  count = local.pushes ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.monitor[0].name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${google_service_account.push[0].email}"
}

# People, with push: by an identity token (`gcloud run services proxy`). IAP would stand before
# Pub/Sub's calls too, and Pub/Sub cannot pass it.
resource "google_cloud_run_v2_service_iam_member" "reader" {
  for_each = local.pushes ? toset(var.readers) : toset([])

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.monitor[0].name
  role     = "roles/run.invoker"
  member   = each.value
}

# People, with pull: through IAP, which calls the service as itself. The output iap_command
# switches IAP on.
resource "google_iap_web_cloud_run_service_iam_member" "reader" {
  for_each = var.monitor_delivery == "pull" ? toset(var.readers) : toset([])

  project                = var.project_id
  location               = var.region
  cloud_run_service_name = google_cloud_run_v2_service.monitor[0].name
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}

resource "google_cloud_run_v2_service_iam_member" "iap_calls" {
  count = var.monitor_delivery == "pull" && length(var.readers) > 0 ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.monitor[0].name
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}
