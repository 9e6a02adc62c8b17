# What the three resources of Cloud Run have in common. Blocks cannot be shared, what stands in them can.

locals {
  limits = {
    cpu    = "1"
    memory = "512Mi"
  }

  vpc = var.vpc == null ? [] : [var.vpc]

  # PGPASSWORD holds the name of its secret, every other variable its value.
  environment = {
    for program, settings in {
      connector = local.connector_settings
      monitor   = local.pushes ? local.monitor_settings : local.pull_settings
    } :
    program => merge(settings, var.database_auth == "password" ? {
      PGPASSWORD = google_secret_manager_secret.password[program].secret_id
    } : {})
  }
}
