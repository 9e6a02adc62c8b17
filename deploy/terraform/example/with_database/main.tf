# The same with a Cloud SQL instance of Terraform's own: how its flags come from the module.

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 8.0"
    }
  }
}

variable "project_id" {
  type        = string
  description = "Google Cloud project."
}

variable "region" {
  type        = string
  description = "Region of everything."
  default     = "europe-west1"
}

variable "images" {
  type        = object({ connector = string, monitor = string })
  description = "Images of the two programs."
}

provider "google" {
  project = var.project_id
  region  = var.region
}

resource "google_sql_database_instance" "mage" {
  name                = "mage"
  region              = var.region
  database_version    = "POSTGRES_17"
  deletion_protection = true

  settings {
    tier              = "db-custom-2-8192"
    edition           = "ENTERPRISE"
    availability_type = "REGIONAL" # a failover keeps the slot: the standby has the same disk
    disk_autoresize   = true
    disk_size         = 50

    dynamic "database_flags" {
      for_each = {
        "cloudsql.logical_decoding"   = "on"
        "cloudsql.iam_authentication" = "on"
        "max_slot_wal_keep_size"      = "10240"
      }
      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }

    ip_configuration {
      ipv4_enabled = true
      ssl_mode     = "ENCRYPTED_ONLY"
    }

    maintenance_window {
      day  = 7
      hour = 4
    }
  }
}

resource "google_sql_database" "mage" {
  instance = google_sql_database_instance.mage.name
  name     = "mage"
}

module "walpulse" {
  source = "../../"

  project_id      = var.project_id
  region          = var.region
  sql_instance    = google_sql_database_instance.mage.name
  database        = google_sql_database.mage.name
  connector_image = var.images.connector
  monitor_image   = var.images.monitor
}

output "role_scripts" {
  description = "Commands that write what is to be run once by psql as postgres."
  value       = module.walpulse.role_scripts
}
