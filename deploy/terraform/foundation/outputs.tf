output "accounts" {
  description = "E-mail addresses of the accounts, null where there is none."
  value = {
    connector = google_service_account.connector.email
    monitor   = google_service_account.monitor.email
    page      = one(google_service_account.page[*].email)
    push      = one(google_service_account.push[*].email)
  }
}

output "apis" {
  description = "APIs that are on: what needs one waits for this."
  value       = keys(google_project_service.api)
}

output "project_roles" {
  description = "Who got which role on the project."
  value = [
    for each in concat(
      values(google_project_iam_member.sql_client),
      values(google_project_iam_member.sql_user),
      [google_project_iam_member.metric_writer],
    ) : { role = each.role, member = each.member }
  ]
}
