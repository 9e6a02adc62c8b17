resource "google_cloud_run_v2_worker_pool" "this" {
  count = var.service == null ? 1 : 0

  project             = var.project_id
  name                = var.name
  location            = var.region
  labels              = var.labels
  deletion_protection = var.deletion_protection

  scaling {
    scaling_mode          = "MANUAL"
    manual_instance_count = var.instances
  }

  template {
    service_account = var.service_account

    containers {
      image = var.image
      args  = [var.command]

      resources {
        limits = local.limits
      }

      dynamic "env" {
        for_each = local.environment
        content {
          name  = env.key
          value = env.value.value

          dynamic "value_source" {
            for_each = env.value.secret[*]
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

      dynamic "volume_mounts" {
        for_each = var.rules_secret[*]
        content {
          name       = "rules"
          mount_path = "/etc/walpulse/rules"
        }
      }
    }

    volumes {
      name = "cloudsql"
      cloud_sql_instance {
        instances = [var.sql_connection]
      }
    }

    dynamic "volumes" {
      for_each = var.rules_secret[*]
      content {
        name = "rules"
        secret {
          secret = volumes.value
          items {
            path    = "rules.toml"
            version = "latest"
          }
        }
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
}
