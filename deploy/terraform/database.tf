# The instance is the operator's: this module reads its flags, says what is missing, and makes the
# users and the ledger's database. It never restarts it.

data "google_sql_database_instance" "mage" {
  project = var.project_id
  name    = var.sql_instance

  depends_on = [module.foundation.apis]
}

data "google_sql_database_instance" "ledger" {
  project = var.project_id
  name    = coalesce(var.ledger_sql_instance, var.sql_instance)

  depends_on = [module.foundation.apis]
}

locals {
  database_flags = merge(
    {
      # Needs a restart of the instance when it is switched on.
      "cloudsql.logical_decoding" = "on"
      # In MB. A slot that nobody reads is lost beyond it, rather than the disk filled.
      "max_slot_wal_keep_size" = tostring(var.max_slot_wal_keep_size_mb)
    },
    var.database_auth == "iam" ? { "cloudsql.iam_authentication" = "on" } : {},
  )

  present_flags = merge([
    for flag in data.google_sql_database_instance.mage.settings[0].database_flags :
    { (flag.name) = flag.value }
  ]...)

  missing_flags = [
    for name, value in local.database_flags : "${name}=${value}"
    if lookup(local.present_flags, name, null) != value
  ]

  # `gcloud sql instances patch` replaces all flags: those that are there have to be repeated.
  flags_command = format(
    "gcloud sql instances patch %s --project=%s --database-flags='%s'",
    var.sql_instance,
    var.project_id,
    join(",", [for name, value in merge(local.present_flags, local.database_flags) : "${name}=${value}"]),
  )

  users = {
    # An IAM user's name is the account's without the ending.
    connector = var.database_auth == "iam" ? trimsuffix(local.accounts.connector, ".gserviceaccount.com") : "${var.name}-connector"
    monitor   = var.database_auth == "iam" ? trimsuffix(local.accounts.monitor, ".gserviceaccount.com") : "${var.name}-monitor"
    page      = var.page == null ? null : var.database_auth == "iam" ? trimsuffix(local.accounts.page, ".gserviceaccount.com") : "${var.name}-page"
  }

  login_flag = var.database_auth == "iam" ? ["--cloud-sql-iam"] : []

  connections = {
    mage   = data.google_sql_database_instance.mage.connection_name
    ledger = data.google_sql_database_instance.ledger.connection_name
  }

  hosts = {
    mage   = var.database_address == null ? "/cloudsql/${local.connections.mage}" : "${var.database_address} sslmode=require"
    ledger = var.database_address == null || var.ledger_sql_instance != null ? "/cloudsql/${local.connections.ledger}" : "${var.database_address} sslmode=require"
  }

  dsns = {
    connector = "host=${local.hosts.mage} dbname=${var.database} user=${local.users.connector}"
    monitor   = "host=${local.hosts.ledger} dbname=${var.ledger_database} user=${local.users.monitor}"
  }
}

check "database_flags" {
  assert {
    condition     = length(local.missing_flags) == 0
    error_message = "The instance lacks ${join(", ", local.missing_flags)}. Set them in a quiet hour, it restarts: ${local.flags_command}"
  }
}

resource "google_sql_user" "connector" {
  project         = var.project_id
  instance        = var.sql_instance
  name            = local.users.connector
  type            = var.database_auth == "iam" ? "CLOUD_IAM_SERVICE_ACCOUNT" : "BUILT_IN"
  deletion_policy = "ABANDON" # it may own grants; the database refuses to drop it then

  password_wo         = var.database_auth == "iam" ? null : var.connector_password
  password_wo_version = var.database_auth == "iam" ? null : var.password_version
}

resource "google_sql_database" "ledger" {
  project         = var.project_id
  instance        = data.google_sql_database_instance.ledger.name
  name            = var.ledger_database
  deletion_policy = "ABANDON" # the counts live there
}

resource "google_sql_user" "monitor" {
  project         = var.project_id
  instance        = data.google_sql_database_instance.ledger.name
  name            = local.users.monitor
  type            = var.database_auth == "iam" ? "CLOUD_IAM_SERVICE_ACCOUNT" : "BUILT_IN"
  deletion_policy = "ABANDON"

  password_wo         = var.database_auth == "iam" ? null : var.monitor_password
  password_wo_version = var.database_auth == "iam" ? null : var.password_version
}
