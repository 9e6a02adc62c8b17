"""`doctor` of both programs names each role, audience, topic, setting and scope that is wrong in
Google Cloud, with its cure. deploy/README.md lists what it finds; one row there is one case here."""
import re

import pytest

from harness.flow import Monitor
from harness.programs import run
from stand_ins.cloud_monitoring import CloudMonitoring
from stand_ins.google_project import PROJECT, GoogleProject
from stand_ins.identity import ACCOUNT, AUDIENCE, Key, KeySet, ShortTokens
from stand_ins.metadata_server import MetadataServer

pytestmark = pytest.mark.statement("S28")

PUSH = {"pushEndpoint": AUDIENCE, "oidcToken": {"serviceAccountEmail": ACCOUNT}}
SCOPE = "https://www.googleapis.com/auth/"


def doctor(*arguments, env, program="walpulse-monitor"):
    """{check: [(level, finding, cure)]} and the exit code."""
    done = run(program, "doctor", *arguments, env={"HOME": "/nonexistent", **env})
    found = {}
    for level, name, finding, _, cure in re.findall(
            r"^(ok|warn|FAIL) +([a-z_]+(?: (?:keys|letter))?) +(.*)\n(      fix: (.*\n(?:      or: .*\n)?))?",
            done.stdout, re.M):
        found.setdefault(name, []).append((level, finding, cure))
    assert found, done.stdout + done.stderr
    return done.returncode, found


def fault(found, check, level="FAIL"):
    """The one finding of this level, and its cure."""
    (entry,) = [one for one in found[check] if one[0] == level]
    return entry[1], entry[2]


@pytest.fixture
def project():
    with GoogleProject() as started:
        started.add_topic("runs")
        yield started


def examine(project, *arguments):
    return doctor("--ledger", "memory", *arguments, env=project.environment())


# --- The monitor and Pub/Sub ---------------------------------------------------------------------

def test_what_terraform_makes_is_well(project):
    pulled = project.add_subscription("walpulse-monitor")
    code, found = examine(project, "--subscription", pulled, "--dead-letter",
                          project.add_topic("walpulse-dead-letters"))
    assert code == 0, found
    assert not [one for name, entries in found.items() for one in entries
                if one[0] != "ok" and name != "ledger"], found
    assert all(method == "GET" or path.endswith(":testIamPermissions")
               for method, path in project.calls), "doctor changes nothing"


@pytest.mark.parametrize("settings, level, cure", [
    ({"deadLetterPolicy": {"deadLetterTopic": "projects/p/topics/d"}}, "FAIL",
     "--clear-dead-letter-policy"),
    ({"enableMessageOrdering": True}, "warn", "subscriptions create walpulse-monitor-2"),
    ({"expirationPolicy": {"ttl": "2678400s"}}, "warn", "--expiration-period=never"),
    ({"filter": 'attributes.op = "c"'}, "warn", "subscriptions create walpulse-monitor-2"),
    ({"detached": True}, "FAIL", "subscriptions create walpulse-monitor-2"),
    ({"topic": "_deleted-topic_"}, "FAIL", "--topic TOPIC"),
    ({"bigqueryConfig": {"table": "t"}}, "FAIL", "subscriptions create walpulse-monitor-2"),
], ids=["dead-letters", "ordering", "expiry", "filter", "detached", "no-topic", "archive"])
def test_a_setting_that_loses_messages_is_named(project, settings, level, cure):
    name = project.add_subscription("walpulse-monitor", **settings)
    code, found = examine(project, "--subscription", name)
    assert code == (1 if level == "FAIL" else 0)
    assert cure in fault(found, "subscription", level)[1], found


def test_a_missing_subscriber_role_is_named(project):
    name = project.add_subscription("walpulse-monitor")
    project.granted = {"roles/pubsub.viewer"}
    code, found = examine(project, "--subscription", name)
    assert code == 1
    assert "subscriptions add-iam-policy-binding walpulse-monitor" in fault(found, "pull")[1]
    assert "roles/pubsub.subscriber" in fault(found, "pull")[1]


def test_a_missing_subscription_names_the_command_that_makes_it(project):
    code, found = examine(project, "--subscription", f"projects/{PROJECT}/subscriptions/none")
    assert code == 1
    assert fault(found, "subscription")[1].startswith("gcloud pubsub subscriptions create")


def test_the_least_role_may_not_look_which_is_said_and_no_failure(project):
    name = project.add_subscription("walpulse-monitor")
    project.granted = {"roles/pubsub.subscriber"}
    code, found = examine(project, "--subscription", name)
    finding, cure = fault(found, "subscription", "warn")
    assert code == 0 and "roles/pubsub.viewer" in finding
    assert cure.startswith("gcloud pubsub subscriptions describe walpulse-monitor")


def test_what_pushes_cannot_be_pulled(project):
    name = project.add_subscription("walpulse-monitor", pushConfig=PUSH)
    code, found = examine(project, "--subscription", name)
    assert code == 1 and "--push-endpoint=" in fault(found, "pull")[1]


def test_dead_letters_need_a_topic_and_the_right_to_publish(project):
    project.granted = {"roles/pubsub.subscriber", "roles/pubsub.viewer"}
    code, found = examine(project, "--dead-letter", project.add_topic("walpulse-dead-letters"))
    assert code == 1 and "roles/pubsub.publisher" in fault(found, "dead letter")[1]
    project.granted.add("roles/pubsub.publisher")
    code, found = examine(project, "--dead-letter", f"pubsub://{PROJECT}/no-such-topic")
    assert code == 1 and "no such topic" in fault(found, "dead letter")[0]


@pytest.mark.parametrize("reason, cure", [
    ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "--scopes=cloud-platform"),
    ("SERVICE_DISABLED", "gcloud services enable")])
def test_what_no_role_mends_is_told_from_a_missing_role(project, reason, cure):
    name = project.add_subscription("walpulse-monitor")
    project.refusal = reason
    code, found = examine(project, "--subscription", name)
    assert code == 1 and cure in fault(found, "pull")[1], found


# --- Pushes --------------------------------------------------------------------------------------

@pytest.fixture
def keys():
    with KeySet(Key("k1")) as started:
        yield started


def compare(project, keys, push):
    name = project.add_subscription("walpulse-monitor", pushConfig=push)
    return examine(project, "--push-auth", "verify", "--push-audience", AUDIENCE,
                   "--push-service-account", ACCOUNT, "--push-keys-url", f"{keys.url}/certs",
                   "--push-subscription", name)


def test_a_subscription_that_pushes_as_the_settings_want_it_is_well(project, keys):
    for push in (PUSH, {**PUSH, "pushEndpoint": "https://run.app/push", "oidcToken": {
            "serviceAccountEmail": ACCOUNT, "audience": AUDIENCE}}):
        code, found = compare(project, keys, push)
        assert code == 0 and "as --push-auth wants it" in str(found["push"]), found


@pytest.mark.parametrize("push, cure", [
    ({}, "--push-endpoint=https://THE_MONITOR/push"),
    ({"pushEndpoint": AUDIENCE}, f"--push-auth-service-account={ACCOUNT}"),
    ({**PUSH, "oidcToken": {"serviceAccountEmail": "other@x"}}, "--push-service-account other@x"),
    ({**PUSH, "oidcToken": {**PUSH["oidcToken"], "audience": "https://other"}},
     "--push-audience https://other"),
    ({**PUSH, "pushEndpoint": "https://other.example.com/push"},
     f"--push-auth-token-audience={AUDIENCE}"),
    ({**PUSH, "noWrapper": {"writeMetadata": True}}, "--clear-push-no-wrapper-config"),
], ids=["pulled", "no-token", "account", "audience", "endpoint-is-the-audience", "unwrapped"])
def test_a_push_that_would_be_refused_is_named(project, keys, push, cure):
    code, found = compare(project, keys, push)
    assert code == 1 and cure in fault(found, "push")[1], found


def test_an_endpoint_that_the_monitor_does_not_serve_is_named(project, keys):
    push = {"pushEndpoint": "https://walpulse.example.com/hook",
            "oidcToken": {"serviceAccountEmail": ACCOUNT, "audience": AUDIENCE}}
    code, found = compare(project, keys, push)
    assert code == 1 and "https://walpulse.example.com/push" in fault(found, "push")[1], found


# --- Cloud Monitoring ----------------------------------------------------------------------------

def export(monitoring):
    return doctor("--ledger", "memory", "--export", "cloud-monitoring", "--monitoring-endpoint",
                  monitoring.url, "--project", monitoring.project, env={})


def test_whoever_may_write_points_is_told_so_and_writes_none():
    with CloudMonitoring() as monitoring:
        code, found = export(monitoring)
        assert code == 0 and "points may be written" in str(found["monitoring"]), found
        assert not monitoring.series and not monitoring.created


@pytest.mark.parametrize("lacking", ["monitoring.timeSeries.create",
                                     "monitoring.metricDescriptors.list"])
def test_a_missing_writer_role_is_named(lacking):
    with CloudMonitoring() as monitoring:
        monitoring.denied.add(lacking)
        code, found = export(monitoring)
        assert code == 1 and "roles/monitoring.metricWriter" in fault(found, "monitoring")[1], found


def test_a_metric_of_another_kind_is_named():
    with CloudMonitoring() as monitoring:
        done = run("walpulse-monitor", "descriptors", "--create", "--monitoring-endpoint",
                   monitoring.url, "--project", monitoring.project)
        assert done.returncode == 0, done.stderr
        kind = "custom.googleapis.com/walpulse/flow/heartbeat_age"
        monitoring.descriptors[kind].value_type = monitoring.descriptors[
            "custom.googleapis.com/walpulse/flow/gap_count"].value_type
        code, found = export(monitoring)
        finding, cure = fault(found, "monitoring")
        assert code == 1 and kind in finding and "--metric-prefix" in cure, found


# --- Scopes of a machine -------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, wanted", [
    (["--subscription", "projects/my-project/subscriptions/walpulse"], "pubsub"),
    (["--export", "cloud-monitoring", "--project", "my-project"], "monitoring.write")])
def test_a_scope_that_the_machine_lacks_is_named(arguments, wanted):
    with MetadataServer() as metadata:
        metadata.scopes = [SCOPE + "devstorage.read_only", SCOPE + "logging.write"]
        code, found = doctor("--ledger", "memory", *arguments, env=metadata.environment())
        finding, cure = fault(found, "scopes")
        assert code == 1 and SCOPE + wanted in finding and "--scopes=cloud-platform" in cure


def test_the_connector_names_the_scope_that_the_machine_lacks(source):
    with MetadataServer() as metadata:
        metadata.scopes = [SCOPE + "logging.write"]
        code, found = doctor(*source.flags(), "--to", "pubsub://my-project/runs",
                             env=metadata.environment(), program="walpulse-connector")
        finding, cure = fault(found, "sink")
        assert code == 1 and SCOPE + "pubsub" in finding and "--scopes=cloud-platform" in cure


# --- The connector -------------------------------------------------------------------------------

def test_the_connector_names_a_missing_publisher_role_and_a_missing_topic(source, project):
    def sink(url):
        return doctor(*source.flags(), "--to", url, env=project.environment(),
                      program="walpulse-connector")
    code, found = sink(f"pubsub://{PROJECT}/runs")
    assert code == 0 and "takes messages" in str(found["sink"]), found
    code, found = sink(f"pubsub://{PROJECT}/no-such-topic")
    assert code == 1 and "no such topic" in fault(found, "sink")[0], found
    project.granted = set()
    project.granted.add("roles/pubsub.viewer")
    code, found = sink(f"pubsub://{PROJECT}/runs")
    assert code == 1 and "roles/pubsub.publisher" in fault(found, "sink")[1], found


@pytest.mark.parametrize("audience, account, said", [
    (AUDIENCE, "other@walpulse-local.iam.gserviceaccount.com", "--push-service-account"),
    ("https://other.example.com", ACCOUNT, "--push-audience"), ("none", ACCOUNT, "--push-audience")])
def test_the_connector_names_a_monitor_that_would_not_let_it_in(programs, ledger, source, keys,
                                                                audience, account, said):
    monitor = Monitor(programs, ledger, "--push-auth", "verify", "--push-audience", AUDIENCE,
                      "--push-service-account", account, "--push-keys-url", f"{keys.url}/certs")
    with ShortTokens("unused", keys.keys[0]) as metadata:
        code, found = doctor(*source.flags(), "--to", f"{monitor.url}/push", "--push-audience",
                             audience, env=metadata.environment(), program="walpulse-connector")
    finding, cure = fault(found, "sink")
    assert code == 1 and said in cure, found
