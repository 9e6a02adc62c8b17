# One program of walpulse on Cloud Run, beside its database: a worker pool, or a service where it is
# to be called. Terraform cannot share blocks between two kinds of resources, so the container is
# written once in pool.tf and once in service.tf; what is in it comes from here.

terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}

locals {
  limits = {
    cpu    = "1"
    memory = "512Mi"
  }

  vpc = var.vpc == null ? [] : [var.vpc]

  # Each variable has a value, or the name of the secret that holds it.
  environment = merge(
    { for name, value in var.settings : name => { value = value, secret = null } },
    { for name, secret in var.secrets : name => { value = null, secret = secret } },
    var.password_secret == null ? {} : { PGPASSWORD = { value = null, secret = var.password_secret } },
  )
}
