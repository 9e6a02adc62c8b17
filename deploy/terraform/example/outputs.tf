output "walpulse" {
  description = "Everything that the module says."
  value       = module.walpulse
}

output "flags_command" {
  description = "Sets the flags that the instance lacks."
  value       = module.walpulse.flags_command
}

output "role_scripts" {
  description = "Commands that write what is to be run once by psql as postgres."
  value       = module.walpulse.role_scripts
}

output "connector_settings" {
  description = "The connector's environment."
  value       = module.walpulse.connector_settings
}

output "monitor_settings" {
  description = "The monitor's environment."
  value       = module.walpulse.monitor_settings
}

output "page_command" {
  description = "How people reach the monitor's page."
  value       = module.walpulse.page_command
}

output "iap_command" {
  description = "Lets the readers in through IAP, where the monitor pulls."
  value       = module.walpulse.iap_command
}
