# The programs had resources of their own before they shared a module. Terraform takes a state from
# then as it is and destroys nothing.

moved {
  from = google_cloud_run_v2_worker_pool.connector
  to   = module.connector.google_cloud_run_v2_worker_pool.this[0]
}

moved {
  from = google_cloud_run_v2_worker_pool.monitor
  to   = module.monitor.google_cloud_run_v2_worker_pool.this
}

moved {
  from = google_cloud_run_v2_service.monitor
  to   = module.monitor.google_cloud_run_v2_service.this
}

# APIs, accounts and roles on the project became a module of their own, which bootstrap/ uses too.

moved {
  from = google_project_service.api
  to   = module.foundation[0].google_project_service.api
}

moved {
  from = google_service_account.connector
  to   = module.foundation[0].google_service_account.connector
}

moved {
  from = google_service_account.monitor
  to   = module.foundation[0].google_service_account.monitor
}

moved {
  from = google_service_account.page
  to   = module.foundation[0].google_service_account.page
}

moved {
  from = google_service_account.push
  to   = module.foundation[0].google_service_account.push
}

moved {
  from = google_service_account_iam_member.pubsub_signs
  to   = module.foundation[0].google_service_account_iam_member.pubsub_signs
}

moved {
  from = google_project_iam_member.sql_client
  to   = module.foundation[0].google_project_iam_member.sql_client
}

moved {
  from = google_project_iam_member.sql_user
  to   = module.foundation[0].google_project_iam_member.sql_user
}

moved {
  from = google_project_iam_member.metric_writer
  to   = module.foundation[0].google_project_iam_member.metric_writer
}

moved {
  from = google_secret_manager_secret_iam_member.channel
  to   = module.foundation[0].google_secret_manager_secret_iam_member.channel
}
