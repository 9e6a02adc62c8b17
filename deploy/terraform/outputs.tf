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
  value       = { for program, user in local.users : program => user if user != null }
}

output "database_flags" {
  description = "Flags that the instance needs."
  value       = local.database_flags
}

output "flags_command" {
  description = "Sets them, keeping those that are there. The instance restarts when logical decoding is switched on."
  value       = local.flags_command
}

output "role_scripts" {
  description = "Commands that write capture-role.sql, ledger-role.sql and, with a page, page-role.sql (to be run once the monitor has made its ledger): what Terraform has no resource for, to be run once by psql as postgres."
  value = join("\n", [
    join(" ", concat(
      ["walpulse-connector setup --print-sql --dsn 'host=127.0.0.1 dbname=${var.database} user=${local.users.connector}'"],
      [for option in ["schema", "slot", "publication"] : "--${option} '${local.connector_settings["WALPULSE_${upper(option)}"]}'"],
      ["--replay-window ${var.replay_window}"], local.login_flag, ["> capture-role.sql"],
    )),
    join(" ", concat(
      ["walpulse-monitor doctor --print-sql --ledger 'host=127.0.0.1 dbname=${var.ledger_database} user=${local.users.monitor}'"],
      local.login_flag, ["> ledger-role.sql"],
    )),
    var.page == null ? "" : join(" ", concat(
      ["walpulse-monitor page --print-sql --ledger 'host=127.0.0.1 dbname=${var.ledger_database} user=${local.users.page}'"],
      local.login_flag, ["> page-role.sql"],
    )),
  ])
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

output "page_uri" {
  description = "The page's address, where it is a service of its own; else null."
  value       = one(module.page[*].service.uri)
}

output "iap_command" {
  description = "Switches IAP on before the page, where people reach it through IAP; until then nobody does."
  value = (
    var.page != null || var.monitor_delivery == "pull"
    ? "gcloud run services update ${var.name}-${var.page != null ? "page" : "monitor"} --project=${var.project_id} --region=${var.region} --iap"
    : null
  )
}

output "dashboard" {
  description = "The dashboard's name."
  value       = one(google_monitoring_dashboard.walpulse[*].id)
}
