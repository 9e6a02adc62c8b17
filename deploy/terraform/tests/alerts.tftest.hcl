# Which alert policies are made, and that a name which is none is told.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project_id      = "demo-project"
  region          = "europe-west1"
  sql_instance    = "mage-db"
  connector_image = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse-connector:0.1.0"
  monitor_image   = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse-monitor:0.1.0"

  # Not used with IAM, but an ephemeral variable has to be given at plan and at apply alike.
  connector_password = "not-a-real-one"
  monitor_password   = "not-a-real-one-either"
  page_password      = "nor-this-one"
}

run "pipe_alone_says_nothing_of_a_pipeline" {
  expect_failures = [check.database_flags]

  assert {
    condition     = length(setintersection(keys(google_monitoring_alert_policy.alert), ["heartbeat-late", "dead-man", "gap", "blind", "scheduler"])) == 5
    error_message = "What says that walpulse or the scheduler does not work is always made."
  }
  assert {
    condition     = length(setintersection(keys(google_monitoring_alert_policy.alert), ["problem-page", "problem-notify", "sla-missed"])) == 0
    error_message = "What is wrong with a pipeline is not told."
  }
}

run "all_makes_every_policy_with_its_severity" {
  command = plan
  variables {
    alerts           = "all"
    alert_thresholds = { problem-notify = 2 }
    alerts_disabled  = ["sla-missed"]
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.alert)) == toset([for path in fileset("${path.module}/../monitoring/alerts", "**/*.json") : trimsuffix(basename(path), ".json")])
    error_message = "Every policy is made."
  }
  assert {
    condition     = google_monitoring_alert_policy.alert["problem-page"].severity == "CRITICAL" && google_monitoring_alert_policy.alert["problem-notify"].severity == "WARNING"
    error_message = "The severity of a problem is that of its policy."
  }
  assert {
    condition     = google_monitoring_alert_policy.alert["problem-notify"].conditions[0].condition_threshold[0].threshold_value == 2 && google_monitoring_alert_policy.alert["problem-page"].conditions[0].condition_threshold[0].threshold_value == 0 && !google_monitoring_alert_policy.alert["sla-missed"].enabled
    error_message = "Thresholds and switches reach the policies of pipelines."
  }
  assert {
    condition     = google_monitoring_alert_policy.alert["blind"].conditions[0].condition_threshold[0].duration == "3600s"
    error_message = "Blindness is told after an hour: what blinds is told before."
  }
}

run "no_monitoring_no_policy" {
  command = plan
  variables {
    alerts     = "all"
    monitoring = false
  }
  expect_failures = [check.database_flags]

  assert {
    condition     = length(google_monitoring_alert_policy.alert) == 0
    error_message = "Nothing is made."
  }
}

run "a_name_of_an_earlier_release_is_told" {
  command = plan
  variables {
    alert_thresholds = { stuck-run = 14400, retained-wal-3 = 1, dead-man = 1, retained-wal-2 = 1 }
    alerts_disabled  = ["no-success", "sla-missed"]
  }
  expect_failures = [check.database_flags, check.alert_names]

  assert {
    condition     = local.unknown_alerts == toset(["stuck-run", "retained-wal-3", "dead-man", "no-success"])
    error_message = "What is no name is told, and nothing else."
  }
}

run "another_set_is_refused" {
  command = plan
  variables {
    alerts = "some"
  }
  expect_failures = [var.alerts, check.database_flags]
}
