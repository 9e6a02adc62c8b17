output "pool" {
  description = "The worker pool; null where it is a service."
  value       = one(google_cloud_run_v2_worker_pool.this)
}

output "service" {
  description = "The service; null where it is a worker pool."
  value       = one(google_cloud_run_v2_service.this)
}
