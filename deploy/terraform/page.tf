# The page as a service of its own: it takes no messages, holds no lease and exports nothing. IAP stands
# before it, which Pub/Sub's pushes could not pass. Null: there is none, and one is not made.

resource "google_sql_user" "page" {
  count = var.page == null ? 0 : 1

  project         = var.project_id
  instance        = data.google_sql_database_instance.ledger.name
  name            = local.users.page
  type            = var.database_auth == "iam" ? "CLOUD_IAM_SERVICE_ACCOUNT" : "BUILT_IN"
  deletion_policy = "ABANDON"

  password_wo         = var.database_auth == "iam" ? null : var.page_password
  password_wo_version = var.database_auth == "iam" ? null : var.password_version
}

locals {
  page_settings = var.page == null ? null : merge(
    {
      WALPULSE_LEDGER       = "host=${local.hosts.ledger} dbname=${var.ledger_database} user=${local.users.page}"
      WALPULSE_READERS      = "iap"
      WALPULSE_IAP_AUDIENCE = "${local.iap_services}/${var.name}-page"
      WALPULSE_LOG_FORMAT   = "json"
      GOOGLE_CLOUD_PROJECT  = var.project_id
    },
    var.mage_url == null ? {} : { WALPULSE_MAGE_URL = var.mage_url },
    var.rules == null ? {} : { WALPULSE_RULES = local.rules_path },
    var.database_auth == "iam" ? { WALPULSE_CLOUD_SQL_IAM = "true" } : {},
    length(var.writers) == 0 ? {} : { WALPULSE_WRITER = join(",", var.writers) },
  )
}

module "page" {
  source = "./cloud_run_workload"
  count  = var.page == null ? 0 : 1

  project_id          = var.project_id
  region              = var.region
  name                = "${var.name}-page"
  labels              = var.labels
  deletion_protection = var.deletion_protection
  service_account     = local.accounts.page

  image           = var.monitor_image
  command         = "page"
  settings        = local.page_settings
  password_secret = local.password_secrets.page
  rules_secret    = local.rules_secret
  instances       = var.page.instances_min
  sql_connection  = local.connections.ledger
  vpc             = var.vpc

  service = {
    instances_max = var.page.instances_max
    cpu_idle      = true # nothing is done between requests
  }

  depends_on = [
    module.foundation,
    google_secret_manager_secret_iam_member.password,
    google_secret_manager_secret_iam_member.rules,
    google_secret_manager_secret_version.password,
    google_secret_manager_secret_version.rules,
    google_sql_database.ledger,
    google_sql_user.page,
  ]
}

resource "google_iap_web_cloud_run_service_iam_member" "page_reader" {
  for_each = var.page == null ? toset([]) : toset(var.readers)

  project                = var.project_id
  location               = var.region
  cloud_run_service_name = module.page[0].service.name
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.value
}

# IAP calls the service as itself; nobody else may.
resource "google_cloud_run_v2_service_iam_member" "iap_calls_page" {
  count = var.page == null ? 0 : 1

  project  = var.project_id
  location = var.region
  name     = module.page[0].service.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-iap.iam.gserviceaccount.com"
}
