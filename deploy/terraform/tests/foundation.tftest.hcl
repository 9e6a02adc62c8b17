# What takes rights to the whole project: made by the module alone, or by bootstrap/ and then not once more.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project_id      = "demo-project"
  region          = "europe-west1"
  sql_instance    = "mage-db"
  connector_image = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse-connector@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  monitor_image   = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse-monitor@sha256:0000000000000000000000000000000000000000000000000000000000000000"

  # Not used with IAM, but an ephemeral variable has to be given at plan and at apply alike.
  connector_password = "not-a-real-one"
  monitor_password   = "not-a-real-one-either"
  page_password      = "nor-this-one"
}

run "the_module_alone_makes_all_of_it" {
  expect_failures = [check.database_flags]

  assert {
    condition     = length(module.foundation) == 1
    error_message = "Without accounts the module makes them."
  }
  assert {
    condition     = toset(module.foundation[0].apis) == toset(["iam.googleapis.com", "logging.googleapis.com", "monitoring.googleapis.com", "pubsub.googleapis.com", "run.googleapis.com", "sqladmin.googleapis.com"])
    error_message = "The APIs that are needed, and no other."
  }
  assert {
    condition     = sort(module.foundation[0].project_roles[*].role) == tolist(["roles/cloudsql.client", "roles/cloudsql.client", "roles/cloudsql.instanceUser", "roles/cloudsql.instanceUser", "roles/monitoring.metricWriter"])
    error_message = "Both programs reach Cloud SQL and log in, the monitor writes metrics."
  }
  assert {
    condition     = module.foundation[0].accounts.push != null && module.foundation[0].accounts.page == null
    error_message = "An account for pushes, and none for a page that is not there."
  }
}

run "what_it_makes" {
  module {
    source = "./foundation"
  }
  variables {
    name            = "walpulse"
    enable_apis     = true
    apis            = []
    push            = true
    page            = true
    database_iam    = true
    channel_secrets = ["slack-webhook"]
  }

  assert {
    condition     = google_service_account.connector.account_id == "walpulse-connector" && google_service_account.monitor.account_id == "walpulse-monitor" && google_service_account.page[0].account_id == "walpulse-page" && google_service_account.push[0].account_id == "walpulse-push"
    error_message = "An account for each."
  }
  assert {
    condition     = keys(google_project_iam_member.sql_client) == ["connector", "monitor", "page"] && keys(google_project_iam_member.sql_user) == ["connector", "monitor", "page"]
    error_message = "What has no database has no role for one."
  }
  assert {
    condition     = google_service_account_iam_member.pubsub_signs[0].member == "serviceAccount:service-123456789@gcp-sa-pubsub.iam.gserviceaccount.com"
    error_message = "Pub/Sub signs as the push account."
  }
  assert {
    condition     = [for each in google_secret_manager_secret_iam_member.channel : each.secret_id] == ["slack-webhook"]
    error_message = "The monitor reads its channels' secrets."
  }
  assert {
    condition     = length(google_service_account_iam_member.deployer) == 0
    error_message = "Nobody may act as an account who was not named."
  }
}

run "a_deployer_acts_as_these_accounts_alone" {
  module {
    source = "./foundation"
  }
  variables {
    name            = "walpulse"
    enable_apis     = false
    apis            = ["bigquery.googleapis.com"]
    push            = true
    page            = false
    database_iam    = false
    channel_secrets = []
    deployer        = "serviceAccount:walpulse-deploy@demo-project.iam.gserviceaccount.com"
  }

  assert {
    condition     = keys(google_service_account_iam_member.deployer) == ["connector", "monitor", "push"] && alltrue([for each in google_service_account_iam_member.deployer : each.role == "roles/iam.serviceAccountUser" && each.member == var.deployer])
    error_message = "On each account, not on the project."
  }
  assert {
    condition     = length(google_project_service.api) == 0 && length(google_project_iam_member.sql_user) == 0
    error_message = "APIs are left alone where they are to be, and with a password nobody logs in by IAM."
  }
}

run "bootstrap_makes_it_for_the_module" {
  module {
    source = "./bootstrap"
  }
  variables {
    deployer        = "serviceAccount:walpulse-deploy@demo-project.iam.gserviceaccount.com"
    page            = true
    channel_secrets = ["slack-webhook"]
  }

  assert {
    condition     = length([for each in output.project_roles : each if each.role == "roles/cloudsql.client"]) == 3 && length([for each in output.project_roles : each if each.role == "roles/cloudsql.instanceUser"]) == 3 && length(output.project_roles) == 7
    error_message = "The roles on the project are made."
  }
  assert {
    condition     = length(setintersection(output.apis, ["cloudresourcemanager.googleapis.com", "run.googleapis.com", "iap.googleapis.com", "secretmanager.googleapis.com"])) == 4 && !contains(output.apis, "bigquery.googleapis.com")
    error_message = "The APIs are on that this page and these channels need."
  }
  assert {
    condition     = jsondecode(output.tfvars) == { accounts = output.accounts } && output.accounts.page != null
    error_message = "The file of variables has the accounts."
  }
}

run "with_accounts_nothing_of_it_is_made_again" {
  variables {
    page            = {}
    channel_secrets = { SLACK_WEBHOOK = "slack-webhook" }
    accounts = {
      connector = "w-connector@demo-project.iam.gserviceaccount.com"
      monitor   = "w-monitor@demo-project.iam.gserviceaccount.com"
      page      = "w-page@demo-project.iam.gserviceaccount.com"
      push      = "w-push@demo-project.iam.gserviceaccount.com"
    }
  }
  expect_failures = [check.database_flags]

  # test_deploy.py sees that accounts, APIs and roles on the project are nowhere but in foundation/.
  assert {
    condition     = length(module.foundation) == 0
    error_message = "No account, no API, no role on the project."
  }
  assert {
    condition     = module.connector.pool.template[0].service_account == var.accounts.connector && module.monitor.service.template[0].service_account == var.accounts.monitor && module.page[0].service.template[0].service_account == var.accounts.page
    error_message = "Each program runs as the account that was given."
  }
  assert {
    condition     = google_pubsub_subscription.monitor.push_config[0].oidc_token[0].service_account_email == var.accounts.push && google_cloud_run_v2_service_iam_member.push_calls[0].member == "serviceAccount:${var.accounts.push}"
    error_message = "Pub/Sub calls as the account that was given, and that one may."
  }
  assert {
    condition     = output.database_users == { connector = "w-connector@demo-project.iam", monitor = "w-monitor@demo-project.iam", page = "w-page@demo-project.iam" } && google_pubsub_topic_iam_member.connector_publishes.member == "serviceAccount:${var.accounts.connector}"
    error_message = "The database and the topic know them by the same names."
  }
}

run "pushes_without_an_account_are_refused" {
  command = plan
  variables {
    accounts = {
      connector = "w-connector@demo-project.iam.gserviceaccount.com"
      monitor   = "w-monitor@demo-project.iam.gserviceaccount.com"
    }
  }
  expect_failures = [check.database_flags, google_pubsub_topic.events]
}

run "a_page_without_an_account_is_refused" {
  command = plan
  variables {
    page = {}
    accounts = {
      connector = "w-connector@demo-project.iam.gserviceaccount.com"
      monitor   = "w-monitor@demo-project.iam.gserviceaccount.com"
      push      = "w-push@demo-project.iam.gserviceaccount.com"
    }
  }
  expect_failures = [check.database_flags, google_pubsub_topic.events]
}

run "a_monitor_that_pulls_needs_no_account_for_pushes" {
  command = plan
  variables {
    monitor_delivery = "pull"
    accounts = {
      connector = "w-connector@demo-project.iam.gserviceaccount.com"
      monitor   = "w-monitor@demo-project.iam.gserviceaccount.com"
    }
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = length(module.foundation) == 0 && length(google_cloud_run_v2_service_iam_member.push_calls) == 0
    error_message = "Two accounts are enough."
  }
}
