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

# What the script runs even with --dry-run.
need_anyway() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || {
      say "no $tool here: install it first"
      exit 69
    }
  done
}

# What --dry-run only prints.
need() {
  [ -n "$dry_run" ] || need_anyway "$@"
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

# The command line: options "NAMES THAT TAKE A VALUE" "SWITCHES" "$@". --some-name X sets some_name to
# X, a switch sets its own to yes. --dry-run and --help are everybody's.
options() {
  local values=" $1 " switches=" $2 dry-run " name
  shift 2
  while [ $# -gt 0 ]; do
    name=${1#--}
    if [ "$1" = --help ]; then
      usage 0
    elif [ "$1" = "$name" ] || [ -z "$name" ]; then
      say "what is '$1'?" && usage
    elif [[ $switches == *" $name "* ]]; then
      declare -g "${name//-/_}=yes"
    elif [[ $values != *" $name "* ]]; then
      say "what is '$1'?" && usage
    elif [ $# -lt 2 ] || [ -z "$2" ]; then
      say "$1 takes a value" && usage
    else
      declare -g "${name//-/_}=$2"
      shift
    fi
    shift
  done
}
