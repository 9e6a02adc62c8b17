# Shared by the scripts here; each sets `usage` to its own first comment.
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$scripts/../.." && pwd)
dry_run=

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }

# The comment at a script's head is its help.
usage() {
  sed -n '2,/^[^#]/{/^# shellcheck/d;/^#/s/^# \{0,1\}//p}' "$0"
  exit "${1:-64}"
}

# What changes something goes through here: --dry-run prints it instead, quoted for a shell.
run() {
  if [ -n "$dry_run" ]; then
    printf '%s' "$(printf '%q ' "$@" | sed 's/ $//')"
    printf '\n'
  else
    "$@"
  fi
}

# What only looks goes through here: --dry-run prints it and answers with the example given first.
look() {
  local example=$1
  shift
  if [ -n "$dry_run" ]; then
    printf '%s\n' "$(printf '%q ' "$@" | sed 's/ $//')" >&2
    printf '%s\n' "$example"
  else
    "$@"
  fi
}

need() {
  [ -z "$dry_run" ] || return 0
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || {
      say "no $tool here: install it first"
      exit 69
    }
  done
}

require() {
  local name
  for name in "$@"; do
    [ -n "${!name:-}" ] || {
      say "--${name//_/-} is missing"
      usage
    }
  done
}

# The next argument as the value of the option before it.
value() {
  if [ $# -lt 2 ] || [ -z "$2" ]; then
    say "$1 takes a value"
    usage
  fi
}
