# What a Google that is not there answers. The schema is real, this is made up.

mock_data "google_sql_database_instance" {
  defaults = {
    connection_name = "demo-project:europe-west1:mage-db"
    settings        = [{ database_flags = [{ name = "log_temp_files", value = "0" }] }]
  }
}
mock_data "google_project" {
  defaults = {
    number = "123456789"
  }
}
mock_resource "google_service_account" {
  defaults = {
    email = "walpulse@demo-project.iam.gserviceaccount.com"
    id    = "projects/demo-project/serviceAccounts/walpulse@demo-project.iam.gserviceaccount.com"
  }
}
mock_resource "google_cloud_run_v2_service" {
  defaults = {
    uri = "https://walpulse-monitor-123456789.europe-west1.run.app"
  }
}
