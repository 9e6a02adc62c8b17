# What the whole project grants, and what therefore takes a person with rights to it: APIs, accounts, roles
# on the project. The module above makes it itself, or is given the accounts that bootstrap/ made with this.

terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}

data "google_project" "this" {
  project_id = var.project_id

  depends_on = [google_project_service.api]
}
