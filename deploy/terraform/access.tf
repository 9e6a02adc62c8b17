# What the programs may do with the topics and the subscription.

resource "google_pubsub_topic_iam_member" "connector_publishes" {
  project = var.project_id
  topic   = google_pubsub_topic.events.id
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${local.accounts.connector}"
}

resource "google_pubsub_topic_iam_member" "monitor_sets_aside" {
  project = var.project_id
  topic   = google_pubsub_topic.dead_letters.id
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${local.accounts.monitor}"
}

resource "google_pubsub_subscription_iam_member" "monitor_pulls" {
  count = local.pushes ? 0 : 1

  project      = var.project_id
  subscription = google_pubsub_subscription.monitor.id
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${local.accounts.monitor}"
}
