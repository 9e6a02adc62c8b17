#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Lets one GitHub repository deploy without a key: a workload identity pool that trusts GitHub's
# tokens of that repository, an account that deploys and one that plans. A person with rights to the
# project runs it, before deploy/terraform/bootstrap. Can be run again: what an earlier build or other
# options gave these two accounts, and this run does not, is taken away.
#
#   ci-identity.sh --project my-project --repository OWNER/NAME [--environment production] [--branch main]
#                  [--repository-id ID] [--pool github] [--name walpulse] [--state-bucket BUCKET]
#                  [--secrets] [--iap] [--archives] [--dry-run]
#
#   --repository-id ID  also ask for this number, which nobody gets who takes over the name:
#                       gh api repos/OWNER/NAME --jq .id
#   --pool POOL         another pool, where `github` is there for another repository
#   --name NAME         the module's `name`: with --secrets, the beginning of the secrets' names
#   --state-bucket B    Terraform's state is in this bucket
#   --secrets           the module has rules, or passwords
#   --iap               people come through IAP: the module has a page, or a monitor that pulls
#   --archives          the module has an archive
#
# Only a job of the environment, on the branch, may become the account that changes things. The environment
# alone would not do: unless GitHub is told otherwise, a job of any branch may name it.
# Prints the repository variables that .github/workflows/deploy.yml reads.
. "$(dirname "$0")/common.sh"

project='' repository='' environment=production branch=main repository_id='' pool=github name=walpulse
state_bucket='' secrets='' iap='' archives=''
options "project repository environment branch repository-id pool name state-bucket" "secrets iap archives" "$@"
require project repository
need gcloud

account=walpulse-deploy@$project.iam.gserviceaccount.com
reader=walpulse-plan@$project.iam.gserviceaccount.com
number=$(look 123456789 gcloud projects describe "$project" --format='value(projectNumber)')
place=projects/$number/locations/global/workloadIdentityPools/$pool
members=principalSet://iam.googleapis.com/$place

# --dry-run does not ask what is there, and shows both ways.
exists() { [ -z "$dry_run" ] && "$@" --format='value(name)' >/dev/null 2>&1; }
make_or_update() {
  local made=$1 updated=$2
  shift 2
  if exists "${there[@]}"; then
    run "${group[@]}" "$updated" "$@"
  else
    run "${group[@]}" "$made" "$@"
    [ -z "$dry_run" ] || run "${group[@]}" "$updated" "$@"
  fi
}

# What pools and impersonation need (iamcredentials, sts), and what an account needs to read the project,
# since it has no project of its own as a person's gcloud has.
# https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
run gcloud services enable --project="$project" cloudresourcemanager.googleapis.com iam.googleapis.com \
  iamcredentials.googleapis.com sts.googleapis.com

for each in "walpulse-deploy deploys" "walpulse-plan plans"; do
  read -r id does <<<"$each"
  exists gcloud iam service-accounts describe "$id@$project.iam.gserviceaccount.com" --project="$project" ||
    run gcloud iam service-accounts create "$id" --project="$project" --display-name="walpulse: $does from GitHub"
done
exists gcloud iam workload-identity-pools describe "$pool" --project="$project" --location=global ||
  run gcloud iam workload-identity-pools create "$pool" --project="$project" --location=global

# The claims of GitHub's tokens: https://docs.github.com/en/actions/reference/security/oidc
# A job without an environment has no such claim, and CEL's has() asks for it. A job of an environment has no
# branch in its subject, and the subject of a new repository has numbers in it
# (https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/): so
# the attribute is made of the claims themselves.
# Mappings and conditions: https://cloud.google.com/iam/docs/workload-identity-federation#mapping
mapping="google.subject=assertion.sub,attribute.repository=assertion.repository,attribute.ref=assertion.ref"
mapping+=",attribute.deploy=assertion.repository+'/'+(has(assertion.environment)?assertion.environment:'')+'@'+assertion.ref"
condition="assertion.repository == '$repository'"
[ -z "$repository_id" ] || condition+=" && assertion.repository_id == '$repository_id'"
group=(gcloud iam workload-identity-pools providers)
there=("${group[@]}" describe github --project="$project" --location=global --workload-identity-pool="$pool")
if exists "${there[@]}"; then
  now=$("${there[@]}" --format='value(attributeCondition)')
  [[ -z $now || $now == *"'$repository'"* ]] || {
    say "the pool $pool is there for others ($now): name another with --pool"
    exit 1
  }
fi
make_or_update create-oidc update-oidc github --project="$project" --location=global \
  --workload-identity-pool="$pool" --issuer-uri=https://token.actions.githubusercontent.com \
  --attribute-mapping="$mapping" --attribute-condition="$condition"

# becomes ACCOUNT MEMBER EARLIER: MEMBER may become it, and nobody else; EARLIER is an example for --dry-run.
# Forms of members: https://cloud.google.com/iam/docs/principal-identifiers
becomes() {
  local whom=$1 member=$2 held other
  run gcloud iam service-accounts add-iam-policy-binding "$whom" --project="$project" \
    --role=roles/iam.workloadIdentityUser --condition=None --member="$member"
  held=$(look "$3" gcloud iam service-accounts get-iam-policy "$whom" --project="$project" \
    --flatten='bindings[].members' --filter='bindings.role="roles/iam.workloadIdentityUser"' \
    --format='value(bindings.members)')
  for other in $held; do
    [ "$other" = "$member" ] || run gcloud iam service-accounts remove-iam-policy-binding "$whom" \
      --project="$project" --role=roles/iam.workloadIdentityUser --member="$other" --all
  done
}

# has ACCOUNT EARLIER [ROLE | ROLE if CONDITION]...: these roles on the project and no others. A role with
# another condition, or without one, is another binding, which would stay beside it: so it goes, too.
has() {
  local whom=$1 earlier=$2 held role each condition
  shift 2
  held=$(look "$earlier" gcloud projects get-iam-policy "$project" --flatten='bindings[].members' \
    --filter="bindings.members=\"serviceAccount:$whom\"" --format='value(bindings.role)' | sort -u)
  for role in $held; do
    for each in "$@"; do
      [ "$each" != "$role" ] || continue 2
    done
    run gcloud projects remove-iam-policy-binding "$project" --member="serviceAccount:$whom" \
      --role="$role" --all --format=none
  done
  for each in "$@"; do
    condition=None
    [[ $each != *' if '* ]] || condition="title=walpulse,expression=${each#* if }"
    run gcloud projects add-iam-policy-binding "$project" --member="serviceAccount:$whom" \
      --role="${each%% if *}" --condition="$condition" --format=none
  done
}

# GitHub runs deploy.yml, which follows ci, as of the default branch:
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
becomes "$account" "$members/attribute.deploy/$repository/$environment@refs/heads/$branch" \
  "principal://iam.googleapis.com/$place/subject/repo:$repository:ref:refs/heads/$branch"

# Cloud SQL has no role for users and databases below its administrator's, who may delete the instance.
# The module deletes neither users nor databases (deletion_policy = ABANDON).
# https://cloud.google.com/sql/docs/postgres/iam-permissions
group=(gcloud iam roles)
there=("${group[@]}" describe walpulse.deploy --project="$project")
databases=cloudsql.databases.create,cloudsql.databases.get,cloudsql.databases.list,cloudsql.databases.update
users=cloudsql.users.create,cloudsql.users.get,cloudsql.users.list,cloudsql.users.update
make_or_update create update walpulse.deploy --project="$project" --title='walpulse: users and databases' \
  --stage=GA --permissions="cloudsql.instances.get,$databases,$users"

# What the module needs with the accounts of deploy/terraform/bootstrap, and the scripts with it. None of
# these roles grants anything on the project. Those named admin set policies on single resources, which
# the module does: who publishes to the topics (pubsub), who calls the services (run).
# https://cloud.google.com/iam/docs/roles-permissions
#   artifactregistry.writer  images.sh; the repository itself is there since a person's first run
#   monitoring.editor        dashboard and alerts; smoke.sh reads a time series
#   pubsub.admin             topics and subscriptions; smoke.sh publishes
#   run.admin                the programs; rollback.sh
# To start a program as its account takes serviceAccountUser on that account, which bootstrap gives:
# https://cloud.google.com/run/docs/reference/iam/roles
roles=(roles/artifactregistry.writer roles/monitoring.editor roles/pubsub.admin roles/run.admin
  "projects/$project/roles/walpulse.deploy")
# By name, because its administrator reads every secret. To make one is asked of the project, which has
# neither type. https://cloud.google.com/iam/docs/conditions-attribute-reference
secret=secretmanager.googleapis.com/Secret
[ -z "$secrets" ] || roles+=("roles/secretmanager.admin if (resource.type != \"$secret\" && resource.type != \
\"${secret}Version\") || resource.name.startsWith(\"projects/$number/secrets/$name-\")")
[ -z "$iap" ] || roles+=(roles/iap.admin)
[ -z "$archives" ] || roles+=(roles/bigquery.dataOwner roles/storage.admin)
has "$account" 'roles/artifactregistry.writer
roles/cloudsql.admin
roles/iam.serviceAccountAdmin
roles/iam.serviceAccountUser
roles/monitoring.editor
roles/pubsub.admin
roles/resourcemanager.projectIamAdmin
roles/run.admin
roles/secretmanager.admin
roles/serviceusage.serviceUsageAdmin' "${roles[@]}"

# A plan reads, and nothing else: any branch of the repository may become the reader, and so see every
# setting in the project. These two roles read no secret's value and no message.
becomes "$reader" "$members/attribute.repository/$repository" "$members/attribute.repository/$repository"
has "$reader" 'roles/iam.securityReviewer
roles/viewer' roles/iam.securityReviewer roles/viewer

# https://developer.hashicorp.com/terraform/language/backend/gcs
if [ -n "$state_bucket" ]; then
  for each in "$account objectUser" "$reader objectViewer"; do
    read -r id role <<<"$each"
    run gcloud storage buckets add-iam-policy-binding "gs://$state_bucket" \
      --member="serviceAccount:$id" --role="roles/storage.$role" --format=none
  done
fi

cat <<END
GCP_PROJECT=$project
GCP_WORKLOAD_IDENTITY_PROVIDER=$place/providers/github
GCP_DEPLOY_ACCOUNT=$account
GCP_PLAN_ACCOUNT=$reader
END
