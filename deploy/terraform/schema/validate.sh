#!/usr/bin/env bash
# terraform fmt, validate and test, with the provider where it can be had and else with a stand-in
# that knows its published schema (google.json). Needs terraform 1.11 or OpenTofu 1.11, and Go for
# the stand-in.
#
#   validate.sh            the real provider, from the registry
#   validate.sh --stand-in no registry
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
module=$(dirname "$here")
terraform=${TERRAFORM:-terraform}
say() { printf 'validate: %s\n' "$*" >&2; }

command -v "$terraform" >/dev/null || {
  say "no $terraform here: install it, or name another with TERRAFORM=tofu"
  exit 69
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TF_DATA_DIR="$work/data" TF_CLI_CONFIG_FILE="$work/terraformrc" CHECKPOINT_DISABLE=1
: >"$TF_CLI_CONFIG_FILE"

case "${1:-}" in
  --stand-in)
    binary=${WALPULSE_STAND_IN:-$work/bin/terraform-provider-google}
    if [ ! -x "$binary" ]; then
      say "building the stand-in"
      (cd "$here/provider" && go build -o "$binary" .)
    fi
    cat >"$TF_CLI_CONFIG_FILE" <<EOF
provider_installation {
  dev_overrides {
    "registry.terraform.io/hashicorp/google" = "$(dirname "$binary")"
  }
  direct {}
}
EOF
    export WALPULSE_PROVIDER_SCHEMA=$here/google.json
    prepare() { "$terraform" -chdir="$1" get >/dev/null; }
    ;;
  '') prepare() { "$terraform" -chdir="$1" init -backend=false -input=false >/dev/null; } ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac

say "fmt"
"$terraform" fmt -check -recursive "$module"
for folder in "$module" "$module/bootstrap" "$module/example" "$module/example/with_database"; do
  say "validate ${folder#"$(dirname "$(dirname "$module")")/"}"
  rm -rf "$TF_DATA_DIR"
  prepare "$folder"
  "$terraform" -chdir="$folder" validate -no-color
done
rm -rf "$TF_DATA_DIR"
prepare "$module"
say "test"
"$terraform" -chdir="$module" test -no-color
