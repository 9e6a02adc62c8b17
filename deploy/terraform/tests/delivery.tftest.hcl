# What each way of delivery makes, and what none may make. The provider is a mock: its schema is
# real, its answers are made up.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project_id      = "demo-project"
  region          = "europe-west1"
  sql_instance    = "mage-db"
  connector_image = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse-connector:0.1.0"
  monitor_image   = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse-monitor:0.1.0"
  readers         = ["group:data@example.com"]

  # Not used with IAM, but an ephemeral variable has to be given at plan and at apply alike.
  connector_password = "not-a-real-one"
  monitor_password   = "not-a-real-one-either"
  page_password      = "nor-this-one"
}

run "push" {
  expect_failures = [check.database_flags]

  assert {
    condition     = google_pubsub_subscription.monitor.push_config[0].push_endpoint == "https://walpulse-monitor-123456789.europe-west1.run.app/push"
    error_message = "Pub/Sub calls the service's /push."
  }
  assert {
    condition     = google_pubsub_subscription.monitor.push_config[0].oidc_token[0].audience == one(module.monitor.service.custom_audiences)
    error_message = "The audience of the token is one that Cloud Run takes."
  }
  assert {
    condition     = google_pubsub_subscription.monitor.enable_message_ordering == false
    error_message = "The monitor's subscription is not ordered."
  }
  assert {
    condition     = length(google_pubsub_subscription.monitor.dead_letter_policy) == 0
    error_message = "The monitor's subscription has no dead-letter policy."
  }
  assert {
    condition     = google_pubsub_subscription.monitor.expiration_policy[0].ttl == ""
    error_message = "The monitor's subscription never expires."
  }
  assert {
    condition     = google_pubsub_subscription.monitor.retry_policy[0].maximum_backoff == "60s"
    error_message = "Redeliveries have a backoff."
  }
  assert {
    condition     = module.monitor.service.template[0].containers[0].resources[0].cpu_idle == false
    error_message = "The service is billed by instances."
  }
  assert {
    condition     = module.monitor.service.template[0].containers[0].liveness_probe[0].http_get[0].path == "/liveness" && module.monitor.service.template[0].containers[0].startup_probe[0].http_get[0].path == "/readiness"
    error_message = "The probes ask /liveness and /readiness."
  }
  assert {
    condition     = length(google_cloud_run_v2_service_iam_member.push_calls) == 1 && length(google_cloud_run_v2_service_iam_member.reader) == 1 && length(google_iap_web_cloud_run_service_iam_member.reader) == 0
    error_message = "The push account and the readers may call the service; IAP is not in Pub/Sub's way."
  }
  assert {
    condition     = length(google_pubsub_subscription_iam_member.monitor_pulls) == 0
    error_message = "A monitor that is pushed to may not pull."
  }
  assert {
    condition     = module.connector.pool.scaling[0].manual_instance_count == 1
    error_message = "One connector."
  }
  assert {
    condition     = output.flags_command == "gcloud sql instances patch mage-db --project=demo-project --database-flags='cloudsql.iam_authentication=on,cloudsql.logical_decoding=on,log_temp_files=0,max_slot_wal_keep_size=10240'"
    error_message = "The command that sets the flags keeps those that are there."
  }
  assert {
    condition     = length(google_secret_manager_secret.password) == 0
    error_message = "With IAM there is no password."
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.alert)) == toset([for path in fileset("${path.module}/../monitoring/alerts", "*.json") : trimsuffix(path, ".json")]) && length(google_monitoring_dashboard.walpulse) == 1
    error_message = "Without a word the policies of the pipe and the dashboard are made."
  }
}

run "pull_with_a_page_behind_iap" {
  variables {
    monitor_delivery = "pull"
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = length(google_pubsub_subscription.monitor.push_config) == 0 && module.foundation[0].accounts.push == null
    error_message = "Nothing is pushed."
  }
  assert {
    condition     = length(google_iap_web_cloud_run_service_iam_member.reader) == 1 && length(google_cloud_run_v2_service_iam_member.reader) == 0 && length(google_cloud_run_v2_service_iam_member.iap_calls) == 1
    error_message = "Readers pass IAP, and IAP calls the service."
  }
  assert {
    condition     = length([for each in module.monitor.service.template[0].containers[0].env : each if each.name == "WALPULSE_SUBSCRIPTION" && each.value == "projects/demo-project/subscriptions/walpulse-monitor"]) == 1
    error_message = "The service pulls."
  }
  assert {
    condition     = output.monitor_settings.WALPULSE_READERS == "iap" && output.monitor_settings.WALPULSE_IAP_AUDIENCE == "/projects/${data.google_project.this.number}/locations/europe-west1/services/walpulse-monitor"
    error_message = "The monitor checks IAP's assertion itself."
  }
}

run "push_with_a_page_of_its_own" {
  variables {
    page    = {}
    writers = ["ana@example.com", "example.org"]
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = module.page[0].service.name == "walpulse-page" && module.page[0].service.template[0].containers[0].args == tolist(["page"])
    error_message = "The same image, the command page."
  }
  assert {
    condition     = module.page[0].service.template[0].containers[0].resources[0].cpu_idle == true && module.page[0].service.template[0].scaling[0].min_instance_count == 0
    error_message = "A page that nobody looks at costs nothing."
  }
  assert {
    condition     = local.page_settings.WALPULSE_READERS == "iap" && local.page_settings.WALPULSE_IAP_AUDIENCE == "/projects/${data.google_project.this.number}/locations/europe-west1/services/walpulse-page" && local.page_settings.WALPULSE_WRITER == "ana@example.com,example.org"
    error_message = "The page checks IAP's assertion for itself, and knows who may write."
  }
  assert {
    condition     = !contains(keys(local.page_settings), "WALPULSE_SUBSCRIPTION") && !contains(keys(local.page_settings), "WALPULSE_EXPORT") && !contains(keys(local.page_settings), "WALPULSE_PUSH_AUTH")
    error_message = "The page takes no messages and exports nothing."
  }
  assert {
    condition     = length(google_iap_web_cloud_run_service_iam_member.page_reader) == 1 && length(google_cloud_run_v2_service_iam_member.iap_calls_page) == 1
    error_message = "Readers pass IAP, and IAP alone calls the page."
  }
  assert {
    condition     = google_sql_user.page[0].type == "CLOUD_IAM_SERVICE_ACCOUNT" && output.database_users.page == google_sql_user.page[0].name && length([for each in module.foundation[0].project_roles : each if each.role == "roles/cloudsql.instanceUser"]) == 3
    error_message = "The page logs in as itself."
  }
  assert {
    condition     = output.iap_command == "gcloud run services update walpulse-page --project=demo-project --region=europe-west1 --iap"
    error_message = "IAP is switched on before the page, not before Pub/Sub's calls."
  }
  assert {
    condition     = strcontains(output.role_scripts, "walpulse-monitor page --print-sql")
    error_message = "The page's role has a script."
  }
  assert {
    condition     = output.monitor_settings.WALPULSE_READERS == "platform"
    error_message = "The monitor itself is read by whom Cloud Run lets in."
  }
}

run "a_pool_that_pulls" {
  variables {
    monitor_delivery = "pool"
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = module.monitor.service == null && module.monitor.pool.name == "walpulse-monitor" && length(google_pubsub_subscription_iam_member.monitor_pulls) == 1
    error_message = "A worker pool pulls, and there is no service."
  }
}

run "with_passwords_and_archives" {
  variables {
    database_auth    = "password"
    bigquery_archive = { expiration_days = 400 }
    storage_archive  = { bucket = "demo-project-walpulse" }
    alert_thresholds = { slot-lag = 600, retained-wal-2 = 1 }
    alerts_disabled  = ["late-event"]
    event_labels     = { partner = "variables.partner" }
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = length(google_secret_manager_secret_iam_member.password) == 2 && !contains(module.foundation[0].project_roles[*].role, "roles/cloudsql.instanceUser")
    error_message = "Each program reads its own secret, and none logs in by IAM."
  }
  assert {
    condition     = [for each in module.connector.pool.template[0].containers[0].env : each.value_source[0].secret_key_ref[0].secret if each.name == "PGPASSWORD"] == ["walpulse-connector-password"] && [for each in module.monitor.service.template[0].containers[0].env : each.value_source[0].secret_key_ref[0].secret if each.name == "PGPASSWORD"] == ["walpulse-monitor-password"]
    error_message = "Each program's password comes from its own secret."
  }
  assert {
    condition     = google_pubsub_subscription.bigquery[0].bigquery_config[0].table == "demo-project.walpulse.events" && google_pubsub_subscription.storage[0].cloud_storage_config[0].bucket == "demo-project-walpulse"
    error_message = "Both archives are subscriptions."
  }
  assert {
    condition     = google_monitoring_alert_policy.alert["slot-lag"].conditions[0].condition_threshold[0].threshold_value == 600 && google_monitoring_alert_policy.alert["retained-wal"].conditions[0].condition_threshold[0].threshold_value == 4294967296 && google_monitoring_alert_policy.alert["retained-wal"].conditions[1].condition_threshold[0].threshold_value == 1
    error_message = "A threshold is replaced where it is named, and only there."
  }
  assert {
    condition     = !google_monitoring_alert_policy.alert["late-event"].enabled && google_monitoring_alert_policy.alert["gap"].enabled
    error_message = "An alert is switched off where it is named."
  }
  assert {
    condition     = output.connector_settings["WALPULSE_LABEL"] == "partner=variables.partner" && !contains(keys(output.connector_settings), "WALPULSE_CLOUD_SQL_IAM")
    error_message = "Labels reach the connector; with a password IAM does not."
  }
}

run "rules_and_the_secrets_of_their_channels" {
  variables {
    page            = {}
    rules           = "[channel.data]\ntype = \"slack\"\nurl_env = \"SLACK_WEBHOOK\"\n"
    channel_secrets = { SLACK_WEBHOOK = "slack-webhook" }
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = google_secret_manager_secret_version.rules[0].secret_data == var.rules && keys(google_secret_manager_secret_iam_member.rules) == ["monitor", "page"]
    error_message = "The rules are a secret's newest version, which the monitor and the page read."
  }
  assert {
    condition     = local.monitor_settings.WALPULSE_RULES == "/etc/walpulse/rules/rules.toml" && contains([for mount in module.monitor.service.template[0].containers[0].volume_mounts : mount.mount_path], "/etc/walpulse/rules")
    error_message = "The rules' file is mounted where the monitor looks for it."
  }
  assert {
    condition     = [for env in module.monitor.service.template[0].containers[0].env : env.value_source[0].secret_key_ref[0].secret if env.name == "SLACK_WEBHOOK"] == ["slack-webhook"]
    error_message = "A channel's secret is a variable of the monitor's."
  }
  assert {
    condition     = length([for env in module.page[0].service.template[0].containers[0].env : env if env.name == "SLACK_WEBHOOK"]) == 0
    error_message = "The page tells nobody, and has no channel's secret."
  }
  assert {
    condition     = contains(module.foundation[0].apis, "secretmanager.googleapis.com")
    error_message = "Secret Manager is switched on for the rules."
  }
  assert {
    condition     = local.monitor_settings.WALPULSE_PAGE_URL == module.page[0].service.uri
    error_message = "What is told links to the page that is there."
  }
}

run "flags_that_are_there_are_not_missed" {
  override_data {
    target = data.google_sql_database_instance.mage
    values = {
      connection_name = "demo-project:europe-west1:mage-db"
      settings = [{ database_flags = [
        { name = "cloudsql.logical_decoding", value = "on" },
        { name = "cloudsql.iam_authentication", value = "on" },
        { name = "max_slot_wal_keep_size", value = "10240" },
      ] }]
    }
  }

  assert {
    condition     = length(local.missing_flags) == 0
    error_message = "Nothing is missing."
  }
}

run "an_unlimited_slot_is_refused" {
  command = plan
  variables {
    max_slot_wal_keep_size_mb = -1
  }
  expect_failures = [var.max_slot_wal_keep_size_mb]
}

run "a_page_for_everybody_is_refused" {
  command = plan
  variables {
    readers = ["group:data@example.com", "allUsers"]
  }
  expect_failures = [var.readers]
}

run "nor_for_everybody_with_an_account" {
  command = plan
  variables {
    readers = ["allAuthenticatedUsers"]
  }
  expect_failures = [var.readers]
}
