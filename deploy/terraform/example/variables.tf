variable "project_id" {
  type        = string
  description = "Google Cloud project."
}

variable "region" {
  type        = string
  description = "The database's region."
}

variable "sql_instance" {
  type        = string
  description = "Cloud SQL instance that Mage uses."
}

variable "database" {
  type        = string
  description = "Mage's database."
  default     = "mage"
}

variable "accounts" {
  type = object({
    connector = string
    monitor   = string
    page      = optional(string)
    push      = optional(string)
  })
  description = "Accounts that ../bootstrap made; null: made here."
  default     = null
}

variable "connector_image" {
  type        = string
  description = "Image of the connector."
}

variable "monitor_image" {
  type        = string
  description = "Image of the monitor."
}

variable "event_labels" {
  type        = map(string)
  description = "Values out of JSON columns that become labels."
  default     = {}
}

variable "mage_url" {
  type        = string
  description = "Where Mage is."
  default     = null
}

variable "rules" {
  type        = string
  description = "The rules file, for example rules.toml: who is told, what is late."
  default     = null
}

variable "channel_secrets" {
  type        = map(string)
  description = "Secrets of the rules' channels: variable => secret in Secret Manager."
  default     = {}
}

variable "readers" {
  type        = list(string)
  description = "Who may open the monitor's page."
  default     = []
}

variable "alerts" {
  type        = string
  description = "Which alert policies: pipe, or all."
  default     = "pipe"
}

variable "notification_channels" {
  type        = list(string)
  description = "Where alerts go."
  default     = []
}
