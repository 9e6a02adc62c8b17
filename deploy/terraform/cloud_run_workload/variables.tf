# --- Where and as whom ---------------------------------------------------------------------------

variable "project_id" {
  description = "Project that the program runs in."
  type        = string
}

variable "region" {
  description = "Region that the program runs in."
  type        = string
}

variable "name" {
  description = "Name of the worker pool or the service."
  type        = string
}

variable "labels" {
  description = "Labels of the worker pool or the service."
  type        = map(string)
}

variable "deletion_protection" {
  description = "Refuse to destroy it."
  type        = bool
}

variable "service_account" {
  description = "E-mail address of the account that the program runs as."
  type        = string
}

# --- The program ---------------------------------------------------------------------------------

variable "image" {
  description = "Image of the program."
  type        = string
}

variable "command" {
  description = "The program's command, for example run."
  type        = string
}

variable "settings" {
  description = "The program's environment, without passwords."
  type        = map(string)
}

variable "password_secret" {
  description = "Secret with the database's password, which becomes PGPASSWORD; null: there is no password."
  type        = string
  default     = null
}

variable "secrets" {
  description = "Further variables of the environment, each with the secret that holds it."
  type        = map(string)
  default     = {}
}

variable "rules_secret" {
  description = "Secret whose newest version is /etc/walpulse/rules/rules.toml; null: there is no such file."
  type        = string
  default     = null
}

variable "instances" {
  description = "Instances of a worker pool; the fewest of a service."
  type        = number
}

variable "service" {
  description = "null: a worker pool, which has no address. Else a service: the audiences that Cloud Run accepts beside its own address, the most instances, and whether it has a CPU during requests only."
  type = object({
    custom_audiences = optional(list(string))
    instances_max    = number
    cpu_idle         = optional(bool, false)
  })
  default = null
}

# --- The database --------------------------------------------------------------------------------

variable "sql_connection" {
  description = "Cloud SQL instance whose socket is below /cloudsql: PROJECT:REGION:INSTANCE."
  type        = string
}

variable "vpc" {
  description = "Network and subnetwork for Direct VPC egress; null: none."
  type = object({
    network    = string
    subnetwork = string
  })
  default = null
}
