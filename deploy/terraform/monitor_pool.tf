# The monitor without an address: it pulls, and nobody can call it.

resource "google_cloud_run_v2_worker_pool" "monitor" {
  count = var.monitor_delivery == "pool" ? 1 : 0

  project             = var.project_id
  name                = "${var.name}-monitor"
  location            = var.region
  labels              = var.labels
  deletion_protection = var.deletion_protection

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = var.monitor_instances_min
  }

  template {
    service_account = google_service_account.monitor.email

    containers {
      image = var.monitor_image
      args  = ["serve"]

      resources {
        limits = local.limits
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
