variable "project_id" {
  type        = string
  description = "Google Cloud project."
}

variable "name" {
  type        = string
  description = "Prefix of every resource, as the module is given it."
  default     = "walpulse"
}

variable "deployer" {
  type        = string
  description = "Who applies the module afterwards and may start the programs as their accounts: what ci-identity.sh prints as GCP_DEPLOY_ACCOUNT, with serviceAccount: before it. Null: nobody but those who may already."
  default     = null
}

variable "enable_apis" {
  type        = bool
  description = "Switch on the Google APIs that are needed."
  default     = true
}

variable "database_auth" {
  type        = string
  description = "As the module is given it: iam or password."
  default     = "iam"

  validation {
    condition     = contains(["iam", "password"], var.database_auth)
    error_message = "Either iam or password."
  }
}

variable "push" {
  type        = bool
  description = "The account by which Pub/Sub calls the monitor: with monitor_delivery = push, the default."
  default     = true
}

variable "page" {
  type        = bool
  description = "The account of a page that is a service of its own."
  default     = false
}

variable "secrets" {
  type        = bool
  description = "Switch on Secret Manager: with rules. Passwords and channels need it anyway."
  default     = false
}

variable "iap" {
  type        = bool
  description = "Switch on IAP for readers of a monitor that pulls. A page needs it anyway."
  default     = false
}

variable "bigquery" {
  type        = bool
  description = "Switch on BigQuery: with bigquery_archive."
  default     = false
}

variable "channel_secrets" {
  type        = set(string)
  description = "Secrets of the rules' channels, which are there already: the values of the module's channel_secrets."
  default     = []
}
