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
