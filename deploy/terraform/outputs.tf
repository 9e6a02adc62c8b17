output "topic" {
  description = "Topic of the events."
  value       = google_pubsub_topic.events.id
}

output "subscription" {
  description = "The monitor's subscription."
  value       = google_pubsub_subscription.monitor.id
}

output "dead_letter_subscription" {
  description = "Where to look at what the monitor set aside."
  value       = google_pubsub_subscription.dead_letters.id
}

output "service_accounts" {
  description = "The programs' accounts."
  value       = local.programs
}

output "database_users" {
  description = "The programs' roles in PostgreSQL."
  value       = local.users
}

output "database_flags" {
  description = "Flags that the instance needs."
  value       = local.database_flags
}

output "flags_command" {
  description = "Sets them, keeping those that are there. The instance restarts when logical decoding is switched on."
  value       = local.flags_command
}

output "grants_sql" {
  description = "To be run once in Mage's database, as postgres: what Terraform has no resource for."
  value       = <<-SQL
    ALTER ROLE "${local.users.connector}" WITH REPLICATION;
    GRANT USAGE ON SCHEMA "${var.schema}" TO "${local.users.connector}";
    GRANT SELECT ON "${var.schema}".pipeline_run TO "${local.users.connector}";
    GRANT pg_monitor TO "${local.users.connector}";
  SQL
}

output "ledger_grants_sql" {
  description = "To be run once in the ledger's database, as postgres."
  value       = <<-SQL
    GRANT CONNECT, CREATE ON DATABASE "${var.ledger_database}" TO "${local.users.monitor}";
  SQL
}

output "connector_settings" {
  description = "The connector's environment, without passwords: for running setup and doctor with the same settings."
  value       = local.connector_settings
}

output "monitor_settings" {
  description = "The monitor's environment, without passwords: for running doctor and redrive with the same settings."
  value       = local.pushes ? local.monitor_settings : local.pull_settings
}

output "monitor_uri" {
  description = "The monitor's page; null where it has none."
  value       = one(module.monitor.service[*].uri)
}

output "page_command" {
  description = "Opens the monitor's page on this machine, with push: http://localhost:8080/"
  value = (
    local.pushes
    ? "gcloud run services proxy ${var.name}-monitor --project=${var.project_id} --region=${var.region} --port=8080"
    : null
  )
}

output "iap_command" {
  description = "With pull: switches IAP on before the page."
  value = (
    var.monitor_delivery == "pull"
    ? "gcloud run services update ${var.name}-monitor --project=${var.project_id} --region=${var.region} --iap"
    : null
  )
}

output "dashboard" {
  description = "The dashboard's name."
  value       = one(google_monitoring_dashboard.walpulse[*].id)
}
