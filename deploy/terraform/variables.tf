# --- Where ---------------------------------------------------------------------------------------

variable "project_id" {
  description = "Project that gets the topic, the programs and the metrics."
  type        = string
}

variable "region" {
  description = "Region of everything: one region is what keeps the order of Pub/Sub, so take the database's."
  type        = string
}

variable "name" {
  description = "Prefix of every resource, so that one project can hold two captures."
  type        = string
  default     = "walpulse"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,16}$", var.name))
    error_message = "The name is the beginning of service accounts' names: 3 to 17 of a-z, 0-9 and -, for example walpulse."
  }
}

variable "labels" {
  description = "Labels of every resource that takes some."
  type        = map(string)
  default     = {}
}

variable "enable_apis" {
  description = "Switch on the Google APIs that are needed. They stay on when this module is destroyed."
  type        = bool
  default     = true
}

variable "accounts" {
  description = "E-mail addresses of the accounts that bootstrap/ made, as its output accounts has them. Then this module makes no account, switches on no API and grants nothing on the project. Null: it does all that itself."
  type = object({
    connector = string
    monitor   = string
    page      = optional(string)
    push      = optional(string)
  })
  default = null
}

variable "deletion_protection" {
  description = "Refuse to destroy the worker pools, the service and the archive."
  type        = bool
  default     = true
}

# --- The database --------------------------------------------------------------------------------

variable "sql_instance" {
  description = "Name of the Cloud SQL instance with Mage's database, in this project."
  type        = string
}

variable "database" {
  description = "Mage's database."
  type        = string
  default     = "mage"
}

variable "schema" {
  description = "Schema of Mage's tables."
  type        = string
  default     = "public"
}

variable "database_auth" {
  description = "How the programs log in: iam (no password anywhere; the instance needs cloudsql.iam_authentication) or password (in Secret Manager)."
  type        = string
  default     = "iam"

  validation {
    condition     = contains(["iam", "password"], var.database_auth)
    error_message = "Either iam or password."
  }
}

variable "connector_password" {
  description = "With database_auth = password: the capture role's. Given once, never kept in the state: TF_VAR_connector_password=$(openssl rand -hex 24)."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "monitor_password" {
  description = "The same for the ledger's role."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "password_version" {
  description = "Raise it to replace both passwords by those given now."
  type        = number
  default     = 1
}

variable "ledger_sql_instance" {
  description = "Cloud SQL instance of the ledger; null: Mage's own."
  type        = string
  default     = null
}

variable "ledger_database" {
  description = "Database of the ledger, made by this module. Not Mage's, so that nobody captures it."
  type        = string
  default     = "walpulse"
}

variable "max_slot_wal_keep_size_mb" {
  description = "The most WAL, in MB, that a slot may keep when nobody reads it; then the slot is lost, not the database. Larger than the replay window (1 GiB)."
  type        = number
  default     = 10240

  validation {
    condition     = var.max_slot_wal_keep_size_mb >= 2048
    error_message = "At least 2048: below the replay window the server would throw the slots away. It must not be -1 either: then a dead connector fills the disk."
  }
}

variable "database_address" {
  description = "Private IP address of the instance, to connect to it directly; null: through Cloud Run's own connection, which needs no address."
  type        = string
  default     = null
}

variable "vpc" {
  description = "Network and subnetwork for Direct VPC egress; needed where the instance has a private address only."
  type = object({
    network    = string
    subnetwork = string
  })
  default = null
}

# --- Capture -------------------------------------------------------------------------------------

variable "connector_image" {
  description = "Image of the connector, best by digest: REGION-docker.pkg.dev/PROJECT/REPOSITORY/walpulse-connector@sha256:..."
  type        = string
}

variable "connector_instances" {
  description = "1 captures; 0 stops it, for recover and upgrades. 2 is a standby that takes over, paid for twice."
  type        = number
  default     = 1

  validation {
    condition     = contains([0, 1, 2], var.connector_instances)
    error_message = "0, 1 or 2: one reads the slot, a second one waits for it."
  }
}

variable "event_labels" {
  description = "Values out of JSON columns that become labels of events and metrics, at most 7: { partner = \"variables.partner\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.event_labels) <= 7
    error_message = "At most 7: Cloud Monitoring takes 10 labels, 3 are walpulse's own."
  }
}

variable "replay_window" {
  description = "How far back `walpulse-connector replay` reaches."
  type        = string
  default     = "6h"
}

variable "topic_retention" {
  description = "How long the topic keeps messages, for seek: 10 minutes to 31 days, in seconds."
  type        = string
  default     = "604800s"
}

variable "topic_schema" {
  description = "A Pub/Sub schema that every message must fit, projects/P/schemas/S, and its encoding. Null: none. An Avro schema cannot describe an envelope whose columns are Mage's; one that refuses an event stops the capture."
  type = object({
    schema   = string
    encoding = optional(string, "JSON")
  })
  default = null
}

# --- The monitor ---------------------------------------------------------------------------------

variable "monitor_image" {
  description = "Image of the monitor, best by digest."
  type        = string
}

variable "monitor_delivery" {
  description = "push: a Cloud Run service that Pub/Sub calls. pull: the same service, pulling, so that people can reach its page through IAP. pool: a worker pool that pulls and has no page."
  type        = string
  default     = "push"

  validation {
    condition     = contains(["push", "pull", "pool"], var.monitor_delivery)
    error_message = "One of push, pull, pool."
  }
}

variable "monitor_instances_max" {
  description = "Most instances of the service; each holds one connection to the ledger. A pool has monitor_instances_min."
  type        = number
  default     = 3
}

variable "monitor_instances_min" {
  description = "Instances that are always there: the exporter has to live."
  type        = number
  default     = 1

  validation {
    condition     = var.monitor_instances_min >= 1
    error_message = "At least 1: metrics are exported when nothing arrives, too."
  }
}

variable "readers" {
  description = "Who may open the monitor's page, for example group:data@example.com. With push by an identity token, with pull through IAP, with pool nobody."
  type        = list(string)
  default     = []

  validation {
    condition     = length(setintersection(var.readers, ["allUsers", "allAuthenticatedUsers"])) == 0
    error_message = "readers: allUsers and allAuthenticatedUsers are everybody on the Internet. Name people, groups or domains: group:data@example.com."
  }
}

variable "writers" {
  description = "Who of the readers may mute problems: e-mail addresses, domains of organizations, or \"*\" for every reader."
  type        = list(string)
  default     = []
}

variable "page" {
  description = "Also run the page as a service of its own behind IAP, beside a monitor that Pub/Sub pushes to: the readers open it in a browser. It reads the ledger by a role of its own, and writes mutes only. Null: none."
  type = object({
    instances_min = optional(number, 0)
    instances_max = optional(number, 3)
  })
  default = null
}

variable "page_password" {
  description = "With database_auth = password and a page: its role's, given as the others."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "mage_url" {
  description = "Where Mage is: the page and the log lines of failed runs then carry links."
  type        = string
  default     = null
}

variable "page_url" {
  description = "Where people reach the page: what is told in channels then links to it. Null: the page's own service, where there is one."
  type        = string
  default     = null
}

variable "rules" {
  description = "The text of the rules file, as file(\"rules.toml\"): who is told, what is late, what runs next. Null: the defaults."
  type        = string
  default     = null
}

variable "channel_secrets" {
  description = "The channels' secrets, which are there already: name of the variable that the rules name (token_env, url_env) => secret in this project's Secret Manager. A new version takes a new revision."
  type        = map(string)
  default     = {}
}

variable "export_interval" {
  description = "How often metrics are written, at least 10s."
  type        = string
  default     = "60s"
}

# --- Archives ------------------------------------------------------------------------------------

variable "bigquery_archive" {
  description = "Also keep every event in a BigQuery table of this dataset, made by this module; expiration_days null: for ever."
  type = object({
    dataset         = optional(string, "walpulse")
    location        = optional(string)
    expiration_days = optional(number)
  })
  default = null
}

variable "storage_archive" {
  description = "Also keep every event as Avro files in this bucket, made by this module; expiration_days null: for ever."
  type = object({
    bucket          = string
    location        = optional(string)
    expiration_days = optional(number)
  })
  default = null
}

# --- Dashboard and alerts ------------------------------------------------------------------------

variable "monitoring" {
  description = "Make the dashboard and the alert policies."
  type        = bool
  default     = true
}

variable "alerts" {
  description = "Which alert policies: pipe (that walpulse or Mage's scheduler does not work: for those who read the rest on the page) or all (also what is wrong with a pipeline)."
  type        = string
  default     = "pipe"

  validation {
    condition     = contains(["pipe", "all"], var.alerts)
    error_message = "Either pipe or all."
  }
}

variable "notification_channels" {
  description = "Where alerts go: projects/P/notificationChannels/N, as `gcloud beta monitoring channels list` prints them."
  type        = list(string)
  default     = []
}

variable "alert_thresholds" {
  description = "Other thresholds than those in deploy/monitoring/alerts, by the file's name: { slot-lag = 600 }; of a second condition: { retained-wal-2 = 2147483648 }."
  type        = map(number)
  default     = {}
}

variable "alerts_disabled" {
  description = "Alert policies that are made, but switched off, by the file's name: [\"sla-missed\"]."
  type        = set(string)
  default     = []
}

variable "runbook_url" {
  description = "Where deploy/runbook.md can be read; every alert links to its section."
  type        = string
  default     = "https://github.com/walpulse/walpulse/blob/main/deploy/runbook.md"
}
