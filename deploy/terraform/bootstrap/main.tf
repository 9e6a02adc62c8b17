# What a person with rights to the project applies once, so that nobody who deploys afterwards, CI above all,
# needs the right to grant roles on it, to make accounts or to switch on APIs.
#
#   terraform init
#   terraform apply -var=project_id=my-project -var=deployer=serviceAccount:walpulse-deploy@my-project.iam.gserviceaccount.com
#   terraform output -raw tfvars > ../example/accounts.auto.tfvars.json
#
# The state is small and holds no secret. Keep it all the same: with it a later apply adds a page.

terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50, < 8.0"
    }
  }

  # Not the backend of what CI applies: CI must not be able to write this one.
  # backend "gcs" {
  #   bucket = "my-project-terraform-bootstrap"
  #   prefix = "walpulse"
  # }
}

provider "google" {
  project = var.project_id
}

module "foundation" {
  source = "../foundation"

  project_id  = var.project_id
  name        = var.name
  enable_apis = var.enable_apis
  apis = setunion(
    # By it an account, which has no project of its own as a person's gcloud has, reads and changes the project.
    ["cloudresourcemanager.googleapis.com"],
    var.secrets || var.database_auth == "password" || length(var.channel_secrets) > 0 ? ["secretmanager.googleapis.com"] : [],
    var.bigquery ? ["bigquery.googleapis.com"] : [],
    var.iap || var.page ? ["iap.googleapis.com"] : [],
  )
  push            = var.push
  page            = var.page
  database_iam    = var.database_auth == "iam"
  channel_secrets = var.channel_secrets
  deployer        = var.deployer
}
