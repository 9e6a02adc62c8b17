#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR disable=SC1091,SC2034,SC2154
# Lets one GitHub repository deploy without a key: a workload identity pool that trusts GitHub's
# tokens of that repository, and an account that it may act as. Can be run again.
#
#   ci-identity.sh --project my-project --repository OWNER/NAME [--branch main] [--dry-run]
#
# Prints the repository variables that .github/workflows/deploy.yml reads.
. "$(dirname "$0")/common.sh"

project='' repository='' branch=main
options "project repository branch" '' "$@"
require project repository
need gcloud

account=walpulse-deploy@$project.iam.gserviceaccount.com
number=$(look 123456789 gcloud projects describe "$project" --format='value(projectNumber)')
pool=projects/$number/locations/global/workloadIdentityPools/github

exists() { look yes "$@" --format='value(name)' >/dev/null 2>&1; }
[ -z "$dry_run" ] || exists() { return 1; }

exists gcloud iam service-accounts describe "$account" --project="$project" ||
  run gcloud iam service-accounts create walpulse-deploy --project="$project" \
    --display-name='walpulse: deploys from GitHub'
exists gcloud iam workload-identity-pools describe github --project="$project" --location=global ||
  run gcloud iam workload-identity-pools create github --project="$project" --location=global
exists gcloud iam workload-identity-pools providers describe github --project="$project" \
  --location=global --workload-identity-pool=github ||
  run gcloud iam workload-identity-pools providers create-oidc github --project="$project" \
    --location=global --workload-identity-pool=github \
    --issuer-uri=https://token.actions.githubusercontent.com \
    --attribute-mapping='google.subject=assertion.sub,attribute.repository=assertion.repository,attribute.ref=assertion.ref' \
    --attribute-condition="assertion.repository == '$repository'"

# Only the branch may become the account that changes things; pull requests plan as a reader.
run gcloud iam service-accounts add-iam-policy-binding "$account" --project="$project" \
  --role=roles/iam.workloadIdentityUser --condition=None \
  --member="principal://iam.googleapis.com/$pool/subject/repo:$repository:ref:refs/heads/$branch"

# A plan reads, and nothing else: any branch of the repository may become the reader.
reader=walpulse-plan@$project.iam.gserviceaccount.com
exists gcloud iam service-accounts describe "$reader" --project="$project" ||
  run gcloud iam service-accounts create walpulse-plan --project="$project" \
    --display-name='walpulse: plans from GitHub'
run gcloud iam service-accounts add-iam-policy-binding "$reader" --project="$project" \
  --role=roles/iam.workloadIdentityUser --condition=None \
  --member="principalSet://iam.googleapis.com/$pool/attribute.repository/$repository"
for role in roles/viewer roles/iam.securityReviewer; do
  run gcloud projects add-iam-policy-binding "$project" --member="serviceAccount:$reader" \
    --role="$role" --condition=None --format=none
done

for role in roles/artifactregistry.writer roles/cloudsql.admin roles/iam.serviceAccountAdmin \
  roles/iam.serviceAccountUser roles/monitoring.editor roles/pubsub.admin \
  roles/resourcemanager.projectIamAdmin roles/run.admin roles/secretmanager.admin \
  roles/serviceusage.serviceUsageAdmin; do
  run gcloud projects add-iam-policy-binding "$project" --member="serviceAccount:$account" \
    --role="$role" --condition=None --format=none
done

cat <<EOF
GCP_PROJECT=$project
GCP_WORKLOAD_IDENTITY_PROVIDER=$pool/providers/github
GCP_DEPLOY_ACCOUNT=$account
GCP_PLAN_ACCOUNT=$reader
EOF
