# Instance-based billing, unless it is said otherwise: a program that exports, holds a lease or pulls
# needs its CPU between requests, too.

resource "google_cloud_run_v2_service" "this" {
  count = var.service == null ? 0 : 1

  project             = var.project_id
  name                = var.name
  location            = var.region
  labels              = var.labels
  ingress             = "INGRESS_TRAFFIC_ALL"
  custom_audiences    = var.service.custom_audiences
  deletion_protection = var.deletion_protection

  template {
    service_account                  = var.service_account
    timeout                          = "60s" # the subscription's deadline: after it nobody waits
    max_instance_request_concurrency = 250

    scaling {
      min_instance_count = var.instances
      max_instance_count = max(var.instances, var.service.instances_max)
    }

    containers {
      image = var.image
      args  = [var.command]

      ports {
        container_port = 8080
      }

      resources {
        cpu_idle = var.service.cpu_idle
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

      # The process only: a ledger that is away is no reason to restart.
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

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }
}
