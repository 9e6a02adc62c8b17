output "accounts" {
  description = "The module's accounts."
  value       = module.foundation.accounts
}

output "tfvars" {
  description = "The same as a file of variables: accounts.auto.tfvars.json."
  value       = jsonencode({ accounts = module.foundation.accounts })
}

output "apis" {
  description = "The APIs that are on."
  value       = module.foundation.apis
}

output "project_roles" {
  description = "Who got which role on the project."
  value       = module.foundation.project_roles
}
