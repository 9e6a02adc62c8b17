# Optional copies of every event, written by Pub/Sub itself: nothing runs for them.

resource "google_bigquery_dataset" "archive" {
  count = var.bigquery_archive == null ? 0 : 1

  project                    = var.project_id
  dataset_id                 = var.bigquery_archive.dataset
  location                   = coalesce(var.bigquery_archive.location, var.region)
  labels                     = var.labels
  delete_contents_on_destroy = false

  depends_on = [module.foundation.apis]
}

# One row a message, as it came: the envelope in `data`, its attributes as JSON. No column of Mage's
# is named here, so that none of Mage's upgrades can stop the archive.
resource "google_bigquery_table" "events" {
  count = var.bigquery_archive == null ? 0 : 1

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.archive[0].dataset_id
  table_id            = "events"
  labels              = var.labels
  deletion_protection = var.deletion_protection

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = var.bigquery_archive.expiration_days == null ? null : var.bigquery_archive.expiration_days * 86400000
  }

  schema = jsonencode([
    { name = "subscription_name", type = "STRING" },
    { name = "message_id", type = "STRING" },
    { name = "publish_time", type = "TIMESTAMP" },
    { name = "attributes", type = "JSON" },
    { name = "data", type = "JSON" },
  ])
}

resource "google_bigquery_dataset_iam_member" "pubsub_writes" {
  count = var.bigquery_archive == null ? 0 : 1

  project    = var.project_id
  dataset_id = google_bigquery_dataset.archive[0].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = local.pubsub_agent
}

resource "google_pubsub_subscription" "bigquery" {
  count = var.bigquery_archive == null ? 0 : 1

  project = var.project_id
  name    = "${var.name}-bigquery"
  topic   = google_pubsub_topic.events.id
  labels  = var.labels

  bigquery_config {
    table          = "${var.project_id}.${google_bigquery_table.events[0].dataset_id}.${google_bigquery_table.events[0].table_id}"
    write_metadata = true
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_bigquery_dataset_iam_member.pubsub_writes]
}

resource "google_storage_bucket" "archive" {
  count = var.storage_archive == null ? 0 : 1

  project                     = var.project_id
  name                        = var.storage_archive.bucket
  location                    = coalesce(var.storage_archive.location, var.region)
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  dynamic "lifecycle_rule" {
    for_each = var.storage_archive.expiration_days == null ? [] : [var.storage_archive.expiration_days]
    content {
      action {
        type = "Delete"
      }
      condition {
        age = lifecycle_rule.value
      }
    }
  }
}

resource "google_storage_bucket_iam_member" "pubsub_writes" {
  for_each = var.storage_archive == null ? toset([]) : toset(["roles/storage.objectCreator", "roles/storage.legacyBucketReader"])

  bucket = google_storage_bucket.archive[0].name
  role   = each.value
  member = local.pubsub_agent
}

resource "google_pubsub_subscription" "storage" {
  count = var.storage_archive == null ? 0 : 1

  project              = var.project_id
  name                 = "${var.name}-storage"
  topic                = google_pubsub_topic.events.id
  labels               = var.labels
  ack_deadline_seconds = 300

  cloud_storage_config {
    bucket                   = google_storage_bucket.archive[0].name
    filename_prefix          = "events/"
    filename_suffix          = ".avro"
    filename_datetime_format = "YYYY-MM-DD/hh_mm_ssZ"
    max_duration             = "300s"
    max_bytes                = 104857600

    avro_config {
      write_metadata = true
    }
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_storage_bucket_iam_member.pubsub_writes]
}
