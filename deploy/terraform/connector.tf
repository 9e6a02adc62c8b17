# One instance reads the slot. A worker pool has no address, always has its CPU, and Cloud Run
# replaces an instance that ends. While a new revision starts beside the old one, the slot itself is
# the lock: the second waits until the first has let go.

locals {
  connector_settings = merge(
    {
      WALPULSE_DSN           = local.dsns.connector
      WALPULSE_SCHEMA        = var.schema
      WALPULSE_SLOT          = replace(var.name, "-", "_")
      WALPULSE_PUBLICATION   = replace(var.name, "-", "_")
      WALPULSE_TO            = "pubsub://${var.project_id}/${google_pubsub_topic.events.name}"
      WALPULSE_REPLAY_WINDOW = var.replay_window
      WALPULSE_LOG_FORMAT    = "json"
      GOOGLE_CLOUD_PROJECT   = var.project_id
    },
    length(var.event_labels) == 0 ? {} : {
      WALPULSE_LABEL = join(",", [for name, path in var.event_labels : "${name}=${path}"])
    },
    var.database_auth == "iam" ? { WALPULSE_CLOUD_SQL_IAM = "true" } : {},
  )
}

resource "google_cloud_run_v2_worker_pool" "connector" {
  project             = var.project_id
  name                = "${var.name}-connector"
  location            = var.region
  labels              = var.labels
  deletion_protection = var.deletion_protection

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = var.connector_instances
  }

  template {
    service_account = google_service_account.connector.email

    containers {
      image = var.connector_image
      args  = ["run"]

      resources {
        limits = local.limits
      }

      dynamic "env" {
        for_each = local.environment.connector
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
        instances = [local.connections.mage]
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
    google_project_iam_member.sql_client,
    google_project_iam_member.sql_user,
    google_pubsub_topic_iam_member.connector_publishes,
    google_secret_manager_secret_iam_member.password,
    google_secret_manager_secret_version.password,
    # What is published before a subscription exists reaches it only by seek.
    google_pubsub_subscription.monitor,
    google_sql_user.connector,
  ]
}
