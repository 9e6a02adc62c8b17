variable "project_id" {
  description = "Project that gets the APIs, the accounts and their roles."
  type        = string
}

variable "name" {
  description = "Beginning of the accounts' names."
  type        = string
}

variable "enable_apis" {
  description = "Switch on the Google APIs that are needed. They stay on when this module is destroyed."
  type        = bool
}

variable "apis" {
  description = "APIs beside those that are always needed."
  type        = set(string)
}

variable "push" {
  description = "Make the account by which Pub/Sub calls the monitor."
  type        = bool
}

variable "page" {
  description = "Make the account of the page's own service."
  type        = bool
}

variable "database_iam" {
  description = "The programs log in to Cloud SQL by IAM."
  type        = bool
}

variable "channel_secrets" {
  description = "Secrets of the channels, which are there already and which the monitor may read."
  type        = set(string)
}

variable "deployer" {
  description = "Who may start the programs as these accounts: serviceAccount:..., group:... Null: whoever may by other roles."
  type        = string
  default     = null
}
