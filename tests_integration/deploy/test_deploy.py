"""What lies in deploy/ is checked against the programs, against published schemas, and against
itself. What only Google's own services could answer is named in deploy/README.md."""
import copy
import json
import os
import re
import shlex
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

from harness import deploy_files
from harness.deploy_files import DEPLOY, ROOT
from harness.programs import run
from stand_ins.cloud_monitoring import CloudMonitoring

pytestmark = pytest.mark.statement("deploy")

CONNECTOR, MONITOR = "walpulse-connector", "walpulse-monitor"
COMMANDS = {CONNECTOR: ["setup", "run", "replay", "snapshot", "status", "doctor", "recover", "teardown"],
            MONITOR: ["serve", "doctor", "redrive", "sources", "descriptors", "rules", "problems", "page", "mute",
                      "deliveries", "notify"]}


@pytest.fixture(scope="module")
def helps():
    """(program, command) -> its --help."""
    known = {(program, command): run(program, command, "--help")
             for program in COMMANDS for command in COMMANDS[program]}
    assert all(done.returncode == 0 for done in known.values())
    return {key: done.stdout for key, done in known.items()}


def flags(text):
    return set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text))


# --- Metrics -------------------------------------------------------------------------------------

def test_the_descriptors_are_those_that_the_monitor_exports():
    printed = [json.loads(line) for line in run(MONITOR, "descriptors").stdout.splitlines()]
    assert json.loads((DEPLOY / "monitoring/descriptors.json").read_text()) == printed, \
        "walpulse-monitor descriptors | jq -s . > deploy/monitoring/descriptors.json"


def test_the_descriptors_can_be_made_before_the_first_point():
    with CloudMonitoring() as monitoring:
        done = run(MONITOR, "descriptors", "--create", "--monitoring-endpoint", monitoring.url,
                   "--project", monitoring.project)
        assert done.returncode == 0, done.stderr
        assert sorted(monitoring.created) == sorted(deploy_files.descriptors())


def queries():
    return [*deploy_files.alert_queries(), *deploy_files.dashboard_queries()]


def test_every_metric_that_is_used_is_exported_with_these_labels():
    known = deploy_files.descriptors()
    for query in queries():
        assert query.metric in known, f"{query.where}: nobody exports {query.metric}"
        assert query.resource == "generic_task", query.where
        labels = {label["key"] for label in known[query.metric].get("labels", [])}
        assert query.labels <= labels, f"{query.where}: {query.metric} has no {query.labels - labels}"


def test_every_metric_that_is_exported_is_shown():
    shown = {query.metric for query in deploy_files.dashboard_queries()}
    assert set(deploy_files.descriptors()) - shown == set()


def test_every_metric_is_aligned_as_its_kind_allows_and_shown_in_its_unit():
    known = deploy_files.descriptors()
    for query in queries():
        metric, aligner = known[query.metric], query.aggregation["perSeriesAligner"]
        reducer = query.aggregation.get("crossSeriesReducer", "")
        if metric["metricKind"] == "CUMULATIVE":
            assert aligner in ("ALIGN_DELTA", "ALIGN_RATE"), f"{query.where}: {aligner}"
        else:
            assert aligner in ("ALIGN_MAX", "ALIGN_MIN", "ALIGN_MEAN", "ALIGN_NEXT_OLDER"), query.where
        assert ("PERCENTILE" in reducer) == (metric["valueType"] == "DISTRIBUTION"), query.where
        unit = metric["unit"] + ("/s" if aligner == "ALIGN_RATE" else "")
        assert query.unit == unit, f"{query.where}: {query.metric} is in {unit}"


def test_a_gauge_that_is_written_seldom_is_looked_at_for_longer_than_it_is_silent():
    """What does not change is written every 10 minutes; flow/* at every export."""
    for query in deploy_files.alert_queries():
        if "/flow/" not in query.metric:
            assert int(query.aggregation["alignmentPeriod"][:-1]) > 600, query.where


def test_a_state_that_is_named_is_one_of_the_connectors():
    states = set()
    for policy in deploy_files.alerts().values():
        states |= set(re.findall(r'"(\w+)"', "".join(re.findall(r"label\.state=one_of\(([^)]*)\)", json.dumps(policy).replace('\\"', '"')))))
    heartbeat = (ROOT / "decoder/schema/heartbeat.cpp").read_text()
    assert states and all(f'"{state}"' in heartbeat for state in states)


# --- Terraform -----------------------------------------------------------------------------------

MODULES = [path for path in sorted((DEPLOY / "terraform").rglob("*.tf"))]
META = {"for_each", "count", "depends_on", "provider"}
SCHEMA = json.loads((DEPLOY / "terraform/schema/google.json").read_text())


def check_block(where, block, schema):
    given = set(block.arguments) - META
    unknown = given - set(schema["attributes"])
    assert not unknown, f"{where}: no argument {unknown}"
    missing = {name for name, one in schema["attributes"].items() if one["required"]} - given
    assert not missing, f"{where}: {missing} is required"
    seen = set()
    for each in deploy_files.plain_blocks(block):
        if each.kind == "lifecycle":
            continue
        assert each.kind in schema["blocks"], f"{where}: no block {each.kind}"
        seen.add(each.kind)
        check_block(f"{where}.{each.kind}", each, schema["blocks"][each.kind])
    missing = {name for name, one in schema["blocks"].items() if one["required"]} - seen
    assert not missing, f"{where}: a block {missing} is required"


def test_every_resource_fits_the_providers_published_schema():
    used = set()
    for path in MODULES:
        for block in deploy_files.read_terraform(path.read_text()):
            if block.kind not in ("resource", "data"):
                continue
            kind = "resources" if block.kind == "resource" else "data"
            used.add(f"{block.kind}.{block.labels[0]}")
            check_block(f"{path.name}: {'.'.join(block.labels)}", block, SCHEMA[kind][block.labels[0]])
    listed = set((DEPLOY / "terraform/schema/used.txt").read_text().split())
    assert used == listed, "schema/used.txt names what the module uses"


def test_the_check_of_the_schema_sees_what_is_wrong():
    text = (DEPLOY / "terraform/topic.tf").read_text()
    for right, wrong in [("ack_deadline_seconds", "ack_deadline"), ("retry_policy {", "retry {"),
                         ("    ttl = \"\"\n", ""), ("  topic   =", "  labels  =")]:
        assert right in text
        block = next(one for one in deploy_files.read_terraform(text.replace(right, wrong))
                     if one.labels == ["google_pubsub_subscription", "monitor"])
        with pytest.raises(AssertionError):
            check_block("topic.tf", block, SCHEMA["resources"][block.labels[0]])


def test_what_takes_rights_to_the_whole_project_is_made_in_one_place():
    """So the module with `accounts`, which has no foundation, needs none of these rights."""
    kinds = {"google_project_service", "google_project_iam_member", "google_service_account",
             "google_service_account_iam_member"}
    made = {}
    for path in MODULES:
        for block in deploy_files.read_terraform(path.read_text()):
            if block.kind == "resource" and block.labels[0] in kinds:
                made.setdefault(block.labels[0], set()).add(path.parent.name)
    assert made == {kind: {"foundation"} for kind in kinds}


def test_every_resource_of_the_foundation_that_an_earlier_module_had_moves():
    """deployer is new; whatever else is there was the module's own."""
    moved = (DEPLOY / "terraform/moved.tf").read_text()
    for path in sorted((DEPLOY / "terraform/foundation").glob("*.tf")):
        for block in deploy_files.read_terraform(path.read_text()):
            name = ".".join(block.labels)
            if block.kind == "resource" and name != "google_service_account_iam_member.deployer":
                assert f"  from = {name}\n  to   = module.foundation[0].{name}\n" in moved, name


def test_the_monitors_subscription_is_unordered_without_dead_letters_and_never_expires():
    text = (DEPLOY / "terraform/topic.tf").read_text()
    block = next(one for one in deploy_files.read_terraform(text)
                 if one.labels == ["google_pubsub_subscription", "monitor"])
    kinds = {each.kind for each in deploy_files.plain_blocks(block)}
    assert kinds == {"retry_policy", "expiration_policy", "push_config"}
    assert "enable_message_ordering    = false" in text and 'ttl = ""' in text


def test_a_pool_and_a_service_give_a_program_the_same_environment_sockets_and_network():
    """Terraform cannot share a block between two kinds of resources: these are written twice."""
    ends = set()
    for kind in ("pool", "service"):
        text = (DEPLOY / f"terraform/cloud_run_workload/{kind}.tf").read_text()
        begin = text.index('      dynamic "env"')
        ends.add(text[begin:text.index("\n  }\n", begin)])
    assert len(ends) == 1 and "vpc_access" in ends.pop()


# --- Settings ------------------------------------------------------------------------------------

def settings_in(text):
    return {name.lower().replace("_", "-") for name in re.findall(r"\bWALPULSE_([A-Z_]+)\b", text)}


@pytest.mark.parametrize("path, program, command", [
    ("terraform/connector.tf", CONNECTOR, "run"), ("terraform/monitor.tf", MONITOR, "serve"),
    ("cloudrun/connector-pool.yaml", CONNECTOR, "run"), ("cloudrun/monitor-service.yaml", MONITOR, "serve"),
    ("terraform/page.tf", MONITOR, "page"), ("cloudrun/page-service.yaml", MONITOR, "page"),
])
def test_every_setting_is_one_of_the_programs(helps, path, program, command):
    unknown = settings_in((DEPLOY / path).read_text()) - flags(helps[program, command])
    assert not unknown, f"{program} {command} has no {unknown}"


@pytest.mark.parametrize("path, program, command", [
    ("package/connector.toml", CONNECTOR, "run"), ("package/monitor.toml", MONITOR, "serve")])
def test_every_key_of_the_templates_is_one_of_the_programs(helps, path, program, command):
    keys = set(re.findall(r"^(?:# )?([a-z-]+) = ", (DEPLOY / path).read_text(), re.M))
    assert keys and not keys - flags(helps[program, command])


def pods():
    for each in yaml.safe_load_all((DEPLOY / "kubernetes/walpulse.yaml").read_text()):
        yield each


def test_the_kubernetes_manifests_fit_their_published_schemas(helps):
    for each in pods():
        kubernetes_validate.validate(each, "1.31", strict=True)
    broken = copy.deepcopy(next(one for one in pods() if one["kind"] == "Deployment"))
    broken["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.31", strict=True)


def test_the_kubernetes_containers_are_locked_down_and_probed(helps):
    deployments = {one["metadata"]["name"]: one["spec"] for one in pods() if one["kind"] == "Deployment"}
    assert deployments[CONNECTOR]["strategy"] == {"type": "Recreate"} and deployments[CONNECTOR]["replicas"] == 1
    for program, spec in deployments.items():
        pod = spec["template"]["spec"]
        for container in [*pod["initContainers"], *pod["containers"]]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        main = pod["containers"][0]
        assert main["livenessProbe"]["httpGet"]["path"] == "/liveness"
        assert main["readinessProbe"]["httpGet"]["path"] == "/readiness"
        settings = settings_in(" ".join(env["name"] for env in main["env"]))
        assert not settings - flags(helps[program, main["args"][0]])


def test_both_kubernetes_deployments_have_the_same_proxy_probes_and_restrictions():
    """A manifest is read and changed as a whole: what both deployments say is written twice."""
    first, second = [one["spec"]["template"]["spec"] for one in pods() if one["kind"] == "Deployment"]
    for key in ("initContainers", "securityContext", "terminationGracePeriodSeconds", "enableServiceLinks"):
        assert first[key] == second[key], key
    # The monitor's scraper has a port of its own: its page is not for whoever reaches it.
    assert first["containers"][0]["ports"] == second["containers"][0]["ports"][:1]
    for key in ("startupProbe", "livenessProbe", "readinessProbe", "securityContext"):
        assert first["containers"][0][key] == second["containers"][0][key], key


def policies():
    return {one["metadata"]["name"]: one["spec"] for one in pods() if one["kind"] == "NetworkPolicy"}


def selects(selector, labels):
    """A label selector of Kubernetes, as far as the policies use one."""
    known = {"matchLabels", "matchExpressions"}
    assert set(selector) <= known, selector
    return (all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
            and all(each["operator"] == "In" and labels.get(each["key"]) in each["values"]
                    for each in selector.get("matchExpressions", [])))


def let_in(program, namespace):
    """Names of the program's ports that pods of a namespace with these labels reach."""
    [pod] = [one["spec"]["template"] for one in pods()
             if one["kind"] == "Deployment" and one["metadata"]["name"] == program]
    rules = [rule for policy in policies().values() if selects(policy["podSelector"], pod["metadata"]["labels"])
             for rule in policy.get("ingress", [])]
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    named = {port["port"] for rule in rules for port in rule["ports"]}
    assert named <= ports, "a policy names a port that the pod has not"
    return {port["port"] for rule in rules for port in rule["ports"]
            if any(selects(each["namespaceSelector"], namespace) for each in rule["from"])}


def test_kubernetes_lets_nothing_in_or_out_that_no_policy_names():
    assert policies()["nothing-else"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, policy in policies().items():
        rules = {"Ingress": policy.get("ingress"), "Egress": policy.get("egress")}
        assert name == "nothing-else" or [kind for kind in rules if rules[kind]] == policy["policyTypes"], name
        assert all(rule.get("ports") for kind in rules for rule in rules[kind] or []), f"{name}: any port"
        assert all(rule.get("from") for rule in rules["Ingress"] or []), f"{name}: anybody"
    assert {one["metadata"]["namespace"] for one in pods() if one["kind"] == "NetworkPolicy"} == {"walpulse"}


def test_the_scraper_reaches_the_metrics_and_readers_the_page():
    name = "kubernetes.io/metadata.name"
    scraper, reader, other = {name: "monitoring"}, {name: "web", "walpulse.reader": "true"}, {name: "web"}
    assert let_in(CONNECTOR, scraper) == {"http"} and let_in(MONITOR, scraper) == {"metrics"}
    assert let_in(CONNECTOR, reader) == set() and let_in(MONITOR, reader) == {"http"}
    assert let_in(CONNECTOR, other) == let_in(MONITOR, other) == set()


def test_the_pods_reach_names_google_and_the_database_and_nothing_else():
    """(where to, protocol, port), of the policies that hold for every pod."""
    reached = set()
    for policy in policies().values():
        for rule in policy.get("egress", []):
            assert policy["podSelector"] == {}
            where = [each["ipBlock"]["cidr"] if "ipBlock" in each
                     else each["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                     for each in rule.get("to", [])] or ["anywhere"]
            reached |= {(to, port.get("protocol", "TCP"), port["port"]) for to in where for port in rule["ports"]}
    metadata, proxy = "169.254.169.254/32", "169.254.169.252/32"
    assert reached == {*((to, protocol, 53) for to in ("kube-system", "169.254.20.10/32", metadata)
                         for protocol in ("UDP", "TCP")),
                       ("anywhere", "TCP", 443), ("anywhere", "TCP", 3307),
                       (metadata, "TCP", 80), (metadata, "TCP", 8080), (proxy, "TCP", 987), (proxy, "TCP", 988)}


def test_the_cloud_run_containers_are_kubernetes_containers():
    """Knative's and the worker pool's container is Kubernetes' own."""
    for path in sorted(DEPLOY.glob("cloudrun/*.yaml")):
        manifest = yaml.safe_load(path.read_text())
        containers = copy.deepcopy(manifest["spec"]["template"]["spec"]["containers"])
        for container in containers:
            container["name"] = "main"
        kubernetes_validate.validate({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"},
                                      "spec": {"containers": containers}}, "1.31", strict=True)


def cloud_run_service(name):
    return yaml.safe_load((DEPLOY / f"cloudrun/{name}-service.yaml").read_text())


def settings_of(manifest):
    [container] = manifest["spec"]["template"]["spec"]["containers"]
    return {env["name"]: env["value"] for env in container["env"]}


def test_the_page_is_another_service_of_the_monitors_image_and_stands_behind_iap():
    page, monitor = cloud_run_service("page"), cloud_run_service("monitor")
    [ours], [theirs] = (one["spec"]["template"]["spec"]["containers"] for one in (page, monitor))
    assert ours["args"] == ["page"] and theirs["args"] == ["serve"]
    for key in ("image", "ports", "resources", "startupProbe", "livenessProbe"):
        assert ours[key] == theirs[key], key
    assert page["metadata"]["annotations"]["run.googleapis.com/iap-enabled"] == "true"
    assert "run.googleapis.com/iap-enabled" not in monitor["metadata"]["annotations"], "IAP shuts out pushes"
    accounts = {one["spec"]["template"]["spec"]["serviceAccountName"] for one in (page, monitor)}
    assert len(accounts) == 2, "the page has a role of its own, which changes nothing but mutes"
    settings = settings_of(page)
    assert settings["WALPULSE_READERS"] == "iap"
    assert settings["WALPULSE_IAP_AUDIENCE"] == (
        f"/projects/123456789/locations/europe-west1/services/{page['metadata']['name']}")
    ledger = settings["WALPULSE_LEDGER"].rsplit(" ", 1)
    assert ledger[0] == settings_of(monitor)["WALPULSE_LEDGER"].rsplit(" ", 1)[0], "one ledger"
    assert ledger[1] == "user=walpulse-page@my-project.iam"


def test_doctor_is_content_with_what_the_pages_manifest_says_of_readers():
    settings = settings_of(cloud_run_service("page"))
    readers = {name: value for name, value in settings.items()
               if name in ("WALPULSE_READERS", "WALPULSE_IAP_AUDIENCE", "WALPULSE_WRITER")}
    report = run(MONITOR, "doctor", "--ledger", "memory", env=readers).stdout
    line = next(line for line in report.splitlines() if " readers " in line)
    assert "iap: reads: whoever is let through; writes: example.com" in line, report


# --- Images and units ----------------------------------------------------------------------------

def test_both_images_start_their_program_as_a_numeric_user_without_a_shell():
    stages = re.split(r"^FROM ", (DEPLOY / "container/Containerfile").read_text(), flags=re.M)
    for name, command in (("connector", "run"), ("monitor", "serve")):
        own = next(stage for stage in stages if stage.startswith(f"${{BASE}} AS {name}\n"))
        assert own.endswith(f'ENTRYPOINT ["/usr/bin/walpulse-{name}"]\nCMD ["{command}"]\n\n')
    last = stages[-1]
    assert last.startswith("${PROGRAM}\n") and "\nUSER 10001:10001\n" in last
    assert "ENTRYPOINT" not in last and "CMD" not in last


BY_DIGEST = re.compile(r"[a-z0-9./:_-]+@sha256:[0-9a-f]{64}")
PLACEHOLDER = "@sha256:" + 64 * "0"


def test_every_image_of_a_manifest_is_named_by_digest():
    """A tag is another image tomorrow. Ours are built by whoever deploys: zeros, which no registry has."""
    found = {}
    for path in [*sorted(DEPLOY.glob("kubernetes/*.yaml")), *sorted(DEPLOY.glob("cloudrun/*.yaml"))]:
        text = path.read_text()
        for image in re.findall(r"^[ -]+image: *(.*)$", text, re.M):
            assert BY_DIGEST.fullmatch(image), f"{path.name}: {image}"
            ours = image.endswith(PLACEHOLDER)
            assert ours == ("my-project/walpulse/" in image), f"{path.name}: {image}"
            assert not ours or "digest of zeros (deploy/scripts/images.sh" in text, f"{path.name} says where it comes from"
            found.setdefault(path.name, set()).add(image.split("@")[0].rsplit("/", 1)[1].split(":")[0])
    assert found == {"walpulse.yaml": {CONNECTOR, MONITOR, "cloud-sql-proxy"}, "connector-pool.yaml": {CONNECTOR},
                     "monitor-service.yaml": {MONITOR}, "page-service.yaml": {MONITOR}}


BASE_DIGEST = "sha256:" + 64 * "a"


def builders(folder):
    """docker, buildah and gcloud that say what they were asked for, and talk on standard output as these do."""
    said = f'echo "$(basename "$0") $*" >>{folder}/called\n'
    for tool, answers in {
        "docker": f'"image inspect") echo debian@{BASE_DIGEST} ;;\n*) echo "The push refers to a repository" ;;',
        "buildah": f'"images --format") echo docker.io/library/debian@{BASE_DIGEST} ;;\n*) echo "STEP 1/9" ;;',
        "gcloud": f'"artifacts docker") echo sha256:{64 * "b"} ;;',
    }.items():
        (folder / tool).write_text(f'#!/bin/sh\n{said}case "$1 $2" in\n{answers}\nesac\n')
        (folder / tool).chmod(0o755)


@pytest.mark.parametrize("engine, base", [("docker", "debian"), ("buildah", "docker.io/library/debian")])
def test_both_images_are_built_on_one_base_by_digest_and_only_their_names_are_printed(engine, base, tmp_path):
    """CI appends what is printed to its variables, and a line that is none of them ends the job."""
    builders(tmp_path)
    done = script("images.sh", *SCRIPTS["images.sh"], "--engine", engine, path=tmp_path)
    assert done.returncode == 0, done.stderr
    place = "europe-west1-docker.pkg.dev/demo-project/walpulse/walpulse"
    assert done.stdout.splitlines() == [f"{program.upper()}_IMAGE={place}-{program}@sha256:{64 * 'b'}"
                                        for program in ("connector", "monitor")]
    called = (tmp_path / "called").read_text()
    assert called.count(f"--build-arg BASE={base}@{BASE_DIGEST} --build-arg BASE_DIGEST={BASE_DIGEST} ") == 2
    assert f"on {base}@{BASE_DIGEST}" in done.stderr
    assert len(re.findall(r" (pull|push) ", called)) == 3, "the base once, each image once"


def test_a_base_that_is_given_by_digest_is_not_looked_up(tmp_path):
    builders(tmp_path)
    base = f"docker.io/library/debian@sha256:{64 * 'c'}"
    done = script("images.sh", *SCRIPTS["images.sh"], "--engine", "buildah", "--base", base, path=tmp_path)
    assert done.returncode == 0, done.stderr
    called = (tmp_path / "called").read_text()
    assert called.count(f"BASE={base} --build-arg BASE_DIGEST=sha256:{64 * 'c'} ") == 2
    assert "buildah pull" not in called and "buildah images" not in called


def test_an_image_says_what_it_was_built_on():
    last = (DEPLOY / "container/Containerfile").read_text().split("FROM ${PROGRAM}\n")[1]
    assert "ARG BASE\nARG BASE_DIGEST=" in last
    for label, value in (("name", "BASE"), ("digest", "BASE_DIGEST")):
        assert f'org.opencontainers.image.base.{label}="${{{value}}}"' in last


@pytest.mark.parametrize("program, command", [(CONNECTOR, "run"), (MONITOR, "serve")])
def test_the_units_start_what_there_is_and_leave_it_nothing_else(program, command):
    text = (DEPLOY / f"systemd/{program}.service").read_text()
    assert f"\nExecStart=/usr/bin/{program} {command}\n" in text
    for line in ("ProtectSystem=strict", "NoNewPrivileges=true", "CapabilityBoundingSet=", "User=walpulse",
                 "PrivateDevices=true", "SystemCallFilter=@system-service", "StartLimitIntervalSec=0"):
        assert f"\n{line}\n" in text
    codes = re.search(r"^RestartPreventExitStatus=(.*)$", text, re.M)[1].split()
    said = run(program, command, "--help").stdout
    assert all(re.search(rf"\b{code} ", said) for code in codes)


def test_both_units_are_restricted_alike():
    """A unit is read and overridden as a whole, so this is no drop-in: what is shared is written twice."""
    own = re.compile(r"^(StateDirectory|StateDirectoryMode)=.*\n", re.M)
    connector, monitor = [own.sub("", text[text.index("MemoryMax="):]) for text in
                          [(DEPLOY / f"systemd/{program}.service").read_text() for program in (CONNECTOR, MONITOR)]]
    assert connector == monitor


# --- Workflows -----------------------------------------------------------------------------------

WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github/workflows").glob("*.y*ml"))}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_by_commit_and_says_its_version(name):
    lines = [line for line in WORKFLOWS[name].read_text().splitlines() if re.search(r"\buses\b", line.split("#")[0])]
    assert lines
    for line in lines:
        assert re.fullmatch(r" +(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_one_commit_in_all_workflows():
    pins = {}
    for path in WORKFLOWS.values():
        for action, pin in re.findall(r"uses: ([\w./-]+)@(.*)", path.read_text()):
            pins.setdefault(action, set()).add(pin)
    assert all(len(each) == 1 for each in pins.values()), pins


# --- Scripts -------------------------------------------------------------------------------------

SCRIPTS = {
    "images.sh": ["--project", "demo-project", "--region", "europe-west1", "--tag", "1"],
    "deploy.sh": ["--connector-image", "c@sha256:1", "--monitor-image", "m@sha256:1"],
    "smoke.sh": ["--project", "demo-project"],
    "rollback.sh": ["--project", "demo-project", "--region", "europe-west1"],
    "ci-identity.sh": ["--project", "demo-project", "--repository", "owner/name"],
}


def script(name, *arguments, path):
    return subprocess.run([DEPLOY / "scripts" / name, *arguments], text=True, timeout=60,
                          capture_output=True, env={**os.environ, "PATH": f"{path}:{os.environ['PATH']}"})


@pytest.fixture
def poisoned(tmp_path):
    """Tools that say that they were called, before those of this machine."""
    for tool in ("gcloud", "terraform", "tofu", "docker", "podman", "buildah", "curl"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho {tool} "$@" >>{tmp_path}/called\n')
        (tmp_path / tool).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_dry_run_says_what_it_would_do_and_does_nothing(name, poisoned):
    done = script(name, *SCRIPTS[name], "--dry-run", path=poisoned)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^(gcloud|terraform|docker) ", done.stdout, re.M)
    assert not (poisoned / "called").exists(), (poisoned / "called").read_text()
    again = script(name, *SCRIPTS[name], "--dry-run", path=poisoned)
    differ = re.compile(r"\d{13,}")  # the synthetic event's own time
    assert differ.sub("", again.stdout) == differ.sub("", done.stdout)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_explains_itself_and_refuses_what_it_does_not_know(name, poisoned):
    said = script(name, "--help", path=poisoned)
    assert said.returncode == 0 and name in said.stdout and "--dry-run" in said.stdout
    for wrong in (["--no-such"], [], [SCRIPTS[name][0]]):
        assert script(name, *wrong, path=poisoned).returncode == 64
    assert not (poisoned / "called").exists()


ACCOUNT = "walpulse-deploy@demo-project.iam.gserviceaccount.com"
POOL = "projects/123456789/locations/global/workloadIdentityPools/github"
EARLIER = f"principal://iam.googleapis.com/{POOL}/subject/repo:owner/name:ref:refs/heads/main"
DEPLOYS = {"roles/artifactregistry.writer", "roles/monitoring.editor", "roles/pubsub.admin", "roles/run.admin",
           "projects/demo-project/roles/walpulse.deploy"}
EARLIER_ROLES = {"roles/artifactregistry.writer", "roles/cloudsql.admin", "roles/iam.serviceAccountAdmin",
                 "roles/iam.serviceAccountUser", "roles/monitoring.editor", "roles/pubsub.admin",
                 "roles/resourcemanager.projectIamAdmin", "roles/run.admin", "roles/secretmanager.admin",
                 "roles/serviceusage.serviceUsageAdmin"}


def gcloud_commands(text):
    """Each as a list of words."""
    return [shlex.split(line) for line in text.splitlines() if line.startswith("gcloud ")]


def roles_on_the_project(commands, verb, account=ACCOUNT):
    """role -> its condition, of those that are added to the account or removed from it."""
    found = {}
    for words in commands:
        if words[1:3] == ["projects", f"{verb}-iam-policy-binding"] and f"--member=serviceAccount:{account}" in words:
            [role] = [word.partition("=")[2] for word in words if word.startswith("--role=")]
            found[role] = next((word.partition("=")[2] for word in words if word.startswith("--condition=")), None)
    return found


def who_becomes(commands, verb, account=ACCOUNT):
    return [word.partition("=")[2] for words in commands for word in words
            if words[1:5] == ["iam", "service-accounts", f"{verb}-iam-policy-binding", account]
            and word.startswith("--member=")]


def test_the_account_that_deploys_is_bound_to_the_environment_and_the_branch_of_the_workflow():
    done = script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], "--dry-run", path="/nowhere")
    commands = gcloud_commands(done.stdout)
    member = f"principalSet://iam.googleapis.com/{POOL}/attribute.deploy/owner/name/production@refs/heads/main"
    assert who_becomes(commands, "add") == [member] and who_becomes(commands, "remove") == [EARLIER]
    providers = [words for words in commands if "providers" in words]
    assert [words[4] for words in providers] == ["create-oidc", "update-oidc"], "whichever it will be is shown"
    for words in providers:
        assert ("attribute.deploy=assertion.repository+'/'+(has(assertion.environment)?assertion.environment:'')"
                "+'@'+assertion.ref") in next(word for word in words if word.startswith("--attribute-mapping=")).split(",")
        assert "--attribute-condition=assertion.repository == 'owner/name'" in words
    workflow = yaml.safe_load(WORKFLOWS["deploy.yml"].read_text())
    assert {job["environment"] for job in workflow["jobs"].values()} == {"production"}
    assert workflow[True]["workflow_run"]["branches"] == ["main"]  # YAML 1.1 reads `on` as true


def test_another_environment_branch_and_number_of_a_repository_are_asked_for():
    done = script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], "--environment", "live", "--branch", "release",
                  "--repository-id", "42", "--pool", "ours", "--dry-run", path="/nowhere")
    commands = gcloud_commands(done.stdout)
    [member] = who_becomes(commands, "add")
    assert member.endswith("/workloadIdentityPools/ours/attribute.deploy/owner/name/live@refs/heads/release")
    assert all("--attribute-condition=assertion.repository == 'owner/name' && assertion.repository_id == '42'" in words
               for words in commands if "providers" in words)
    assert "/workloadIdentityPools/ours/providers/github\n" in done.stdout


def test_the_account_that_deploys_has_no_role_that_grants_any_on_the_project():
    done = script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], "--dry-run", path="/nowhere")
    commands = gcloud_commands(done.stdout)
    assert roles_on_the_project(commands, "add") == dict.fromkeys(DEPLOYS, "None")
    assert set(roles_on_the_project(commands, "remove")) == EARLIER_ROLES - DEPLOYS
    every = script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], "--secrets", "--iap", "--archives", "--dry-run",
                   path="/nowhere")
    added = roles_on_the_project(gcloud_commands(every.stdout), "add")
    assert set(added) - DEPLOYS == {"roles/secretmanager.admin", "roles/iap.admin", "roles/bigquery.dataOwner",
                                    "roles/storage.admin"}
    assert 'resource.name.startsWith("projects/123456789/secrets/walpulse-")' in added["roles/secretmanager.admin"]
    assert not [role for role in added if re.search(r"owner$|editor$|resourcemanager|serviceusage|roles/iam\.", role)
                and role != "roles/monitoring.editor"]


def gcloud_that_has(folder, condition):
    """A project in which the build before made everything."""
    (folder / "gcloud").write_text(f'''#!/bin/bash
printf "%q " gcloud "$@" >>{folder}/called
echo >>{folder}/called
case "$*" in
*attributeCondition*) echo "{condition}" ;;
"projects describe"*) echo 123456789 ;;
"iam service-accounts get-iam-policy walpulse-deploy"*) echo "{EARLIER}" ;;
"projects get-iam-policy"*walpulse-deploy*) printf "%s\\n" {" ".join(sorted(EARLIER_ROLES))} ;;
"projects get-iam-policy"*walpulse-plan*) printf "roles/viewer\\nroles/editor\\n" ;;
esac
''')
    (folder / "gcloud").chmod(0o755)


def test_what_an_earlier_build_set_up_is_updated_and_what_it_granted_too_much_is_taken_away(tmp_path):
    gcloud_that_has(tmp_path, "assertion.repository == 'owner/name'")
    done = script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], path=tmp_path)
    assert done.returncode == 0, done.stderr
    called = (tmp_path / "called").read_text()
    commands = gcloud_commands(called)
    verbs = {word for words in commands for word in words[1:5]}
    assert {"update-oidc", "update"} <= verbs and not {"create", "create-oidc"} & verbs, called
    assert who_becomes(commands, "remove") == [EARLIER] and len(who_becomes(commands, "add")) == 1
    assert set(roles_on_the_project(commands, "remove")) == EARLIER_ROLES - DEPLOYS
    assert set(roles_on_the_project(commands, "add")) == DEPLOYS
    plan = "walpulse-plan@demo-project.iam.gserviceaccount.com"
    assert set(roles_on_the_project(commands, "remove", plan)) == {"roles/editor"}
    assert set(roles_on_the_project(commands, "add", plan)) == {"roles/iam.securityReviewer", "roles/viewer"}


def test_a_pool_that_is_another_repositorys_is_left_alone(tmp_path):
    gcloud_that_has(tmp_path, "assertion.repository_owner == 'others'")
    done = script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], path=tmp_path)
    assert done.returncode == 1 and "others" in done.stderr and "--pool" in done.stderr
    assert not re.search("-oidc|binding", (tmp_path / "called").read_text())


@pytest.mark.parametrize("policy", ["iam service-accounts", "projects"])
def test_a_policy_that_cannot_be_read_ends_the_set_up(policy, tmp_path):
    """Else an earlier binding would stay, and nothing be said."""
    (tmp_path / "gcloud").write_text(f'#!/bin/sh\ncase "$*" in "{policy} get-iam-policy"*) exit 1 ;; esac\n')
    (tmp_path / "gcloud").chmod(0o755)
    assert script("ci-identity.sh", *SCRIPTS["ci-identity.sh"], path=tmp_path).returncode == 1


def test_who_only_plans_takes_no_lock():
    """walpulse-plan may read the state, not write it."""
    for arguments, lock in ((["--plan-only"], "-lock=false"), ([], "-lock-timeout=5m")):
        done = script("deploy.sh", *SCRIPTS["deploy.sh"], *arguments, "--dry-run", path="/nowhere")
        assert f" plan -input=false {lock} " in done.stdout


@pytest.mark.parametrize("missing", ["jq", "python3"])
def test_a_dry_run_names_the_tool_that_it_misses(missing, tmp_path):
    there = {"bash", "basename", "dirname", "sed", "date", "cat", "jq", "python3"} - {missing}
    for tool in there:
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = subprocess.run([DEPLOY / "scripts/smoke.sh", *SCRIPTS["smoke.sh"], "--dry-run"], text=True, timeout=60,
                          capture_output=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 69 and done.stdout == "", done
    assert f"no {missing} here: install it first" in done.stderr and len(done.stderr.splitlines()) == 1


def test_the_smoke_checks_event_is_one_that_the_monitor_counts(poisoned, tmp_path):
    done = script("smoke.sh", *SCRIPTS["smoke.sh"], "--dry-run", path=poisoned)
    line = next(line for line in done.stdout.splitlines() if "topics publish" in line)
    words = subprocess.run(["bash", "-c", f"printf '%s\\n' {line}"], text=True, capture_output=True).stdout
    event = next(word for word in words.splitlines() if word.startswith("--message="))[len("--message="):]
    known = json.loads((ROOT / "tests/decoder/schema/golden/truncate.json").read_text())
    mine = json.loads(event)
    assert mine.keys() == known.keys() and mine["source"].keys() == known["source"].keys()
    assert mine["source"]["name"] == "walpulse-smoke" and mine["op"] == "t"


# --- The pages -----------------------------------------------------------------------------------

PAGES = sorted(DEPLOY.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_the_pages_is_one_that_the_programs_take(page, helps):
    text = page.read_text()
    found = 0
    for line in deploy_files.commands(text):
        for program in COMMANDS:
            for match in re.finditer(rf"\b{program} ([a-z]+)(?![\w-])([^|;&>#]*)", line):
                command, rest = match[1], match[2]
                assert (program, command) in helps, line
                unknown = flags(rest) - flags(helps[program, command])
                assert not unknown, f"{line}: {program} {command} has no {unknown}"
                found += 1
    # Counted without the reader of code blocks, so that one which finds nothing does not pass.
    begun = re.findall(rf"^ *(?:{'|'.join(COMMANDS)}) [a-z]", text, re.M)
    assert found >= len(begun)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_the_pages_name_is_there(page):
    text = page.read_text()
    names = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)) | {
        name.rstrip(".,") for name in re.findall(r"(?<![\w/.-])(?:\.\./)?deploy/[\w./-]+", text)}
    for name in names:
        base = ROOT if name.startswith("deploy/") else DEPLOY
        assert (base / name).exists(), f"{page.name} names {name}"
