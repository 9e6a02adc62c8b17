output "walpulse" {
  description = "Everything that the module says."
  value       = module.walpulse
}

output "flags_command" {
  description = "Sets the flags that the instance lacks."
  value       = module.walpulse.flags_command
}

output "grants_sql" {
  description = "To be run in Mage's database, as postgres."
  value       = module.walpulse.grants_sql
}

output "ledger_grants_sql" {
  description = "To be run in the ledger's database, as postgres."
  value       = module.walpulse.ledger_grants_sql
}

output "connector_settings" {
  description = "The connector's environment."
  value       = module.walpulse.connector_settings
}
