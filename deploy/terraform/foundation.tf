# APIs, accounts and roles on the project: made here, or by bootstrap/ and a person with rights to the
# project. Whoever applies this module with `accounts` needs no right to grant roles on the project.

locals {
  pushes = var.monitor_delivery == "push"

  keeps_secrets = var.database_auth == "password" || var.rules != null || length(var.channel_secrets) > 0

  further_apis = concat(
    local.keeps_secrets ? ["secretmanager.googleapis.com"] : [],
    var.bigquery_archive == null ? [] : ["bigquery.googleapis.com"],
    var.page != null || (var.monitor_delivery == "pull" && length(var.readers) > 0) ? ["iap.googleapis.com"] : [],
  )
}

module "foundation" {
  source = "./foundation"
  count  = var.accounts == null ? 1 : 0

  project_id      = var.project_id
  name            = var.name
  enable_apis     = var.enable_apis
  apis            = local.further_apis
  push            = local.pushes
  page            = var.page != null
  database_iam    = var.database_auth == "iam"
  channel_secrets = values(var.channel_secrets)
}

data "google_project" "this" {
  project_id = var.project_id

  depends_on = [module.foundation.apis]
}

locals {
  # One that is missing and needed is refused by topic.tf, in words; until then it has to be a text.
  accounts = var.accounts == null ? one(module.foundation[*].accounts) : merge(var.accounts, {
    page = var.accounts.page == null ? "none" : var.accounts.page
    push = var.accounts.push == null ? "none" : var.accounts.push
  })

  programs = merge(
    {
      connector = local.accounts.connector
      monitor   = local.accounts.monitor
    },
    var.page == null ? {} : { page = local.accounts.page },
  )

  # What the accounts lack, in words.
  missing_accounts = [
    for name in concat(local.pushes ? ["push"] : [], var.page == null ? [] : ["page"]) : name
    if var.accounts != null && try(var.accounts[name], null) == null
  ]

  # The account by which Pub/Sub itself writes archives.
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}
