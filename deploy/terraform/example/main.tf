# Capture and monitor beside a Cloud SQL instance that is there already.
#
#   cp terraform.tfvars.example terraform.tfvars    # and fill it in
#   terraform init && terraform apply
#   terraform output -raw flags_command             # what the instance still lacks

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 8.0"
    }
  }

  # Keep the state where the team and CI can reach it:
  # backend "gcs" {
  #   bucket = "my-project-terraform"
  #   prefix = "walpulse"
  # }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

module "walpulse" {
  source = "../"

  project_id   = var.project_id
  region       = var.region
  sql_instance = var.sql_instance
  database     = var.database
  accounts     = var.accounts

  connector_image = var.connector_image
  monitor_image   = var.monitor_image

  event_labels          = var.event_labels
  mage_url              = var.mage_url
  rules                 = var.rules == null ? null : file(var.rules)
  channel_secrets       = var.channel_secrets
  readers               = var.readers
  alerts                = var.alerts
  notification_channels = var.notification_channels
}
