"""The alert rules and the dashboard for who scrapes /metrics: they ask for what the programs print, and
say what Cloud Monitoring's policies say. Prometheus' own check of them is in deploy/README.md."""
import re

import pytest

from harness import deploy_files, promql
from harness.flow import Monitor
from harness.programs import fetch, wait_until

pytestmark = pytest.mark.statement("deploy")

SECONDS = {"m": 60, "h": 3600}


@pytest.fixture
def known(source, programs, ledger):
    """{series: labels} of all that the programs print, and of what they would if it happened."""
    monitor = Monitor(programs, ledger)
    connector = source.connector(f"{monitor.url}/push")
    source.insert_run(status="INITIAL")
    monitor.wait_total(1, "walpulse_pipeline_run_created_count_total", seconds=30)
    wait_until(lambda: "walpulse_connector_state" in fetch(f"{connector.url}/metrics")[1], 20, "it streams")
    own = promql.exposed()
    theirs = promql.printed(fetch(f"{monitor.url}/metrics")[1]) | promql.printed(fetch(f"{connector.url}/metrics")[1])
    assert len(theirs.keys() & own.keys()) > 20
    for name, labels in theirs.items():
        if name in own:
            assert labels <= own[name] | {"partner"}, name
        else:  # of a process: neither the ledger knows it nor Cloud Monitoring
            assert re.match("walpulse_(monitor|connector)_", name), name
    return theirs | own


def test_rules_and_dashboard_ask_for_what_the_programs_print_and_show_all_of_it(known):
    for rule in promql.rules():
        assert not list(promql.problems(rule["expr"], known)), rule["alert"]
    shown = set()
    for panel, target in promql.targets():
        assert not list(promql.problems(target["expr"], known)), panel["title"]
        shown |= set(promql.names(target["expr"]))
    shown = {re.sub("_bucket$", "", name) for name in shown}
    every = {re.sub("_(bucket|sum)$", "", name) for name in known if not name.endswith("_seconds_count")}
    assert every - shown == set()


@pytest.mark.parametrize("expression", [
    "walpulse_flow_heartbeat_ago", 'walpulse_flow_gap_count_total{cause="x"} > 0', "walpulse_flow_gap_count > 0",
    "max by (source, pipeline) (increase(walpulse_flow_gap_count_total[15m]))",
    "sum by (le, status) (rate(walpulse_pipeline_run_queue_time_seconds_bucket[1h]))"])
def test_what_nobody_exposes_is_seen(expression):
    assert list(promql.problems(expression, promql.exposed()))


def windows(rule):
    """The times that a rule names, in seconds."""
    found = re.findall(r"\[(\d+)([mh])\]|offset (\d+)([mh])", rule["expr"]) + re.findall(r"^(\d+)([mh])$", rule.get("for", ""))
    return {int("".join(one[::2])) * SECONDS["".join(one[1::2])] for one in found}


def policy_window(condition):
    """In seconds; none where one moment is enough."""
    if absent := condition.get("conditionAbsent"):
        return int(absent["duration"][:-1])
    threshold = condition["conditionThreshold"]
    [aggregation] = threshold["aggregations"]
    if (aggregation["perSeriesAligner"], threshold["comparison"]) in (
            ("ALIGN_MAX", "COMPARISON_GT"), ("ALIGN_MIN", "COMPARISON_LT"), ("ALIGN_NEXT_OLDER", "COMPARISON_GT")):
        return int(threshold["duration"][:-1]) or None
    assert threshold["duration"] == "0s"
    return int(aggregation["alignmentPeriod"][:-1])


def by_alert():
    return {rule["labels"]["alert"]: rule for rule in promql.rules()}


def test_there_is_a_rule_for_each_policy_and_one_more():
    assert len(by_alert()) == len(promql.rules())
    assert set(by_alert()) - set(deploy_files.alerts()) == {"no-leader"}


def test_who_hears_of_pipelines_otherwise_leaves_out_one_file_of_rules():
    rules = promql.rules(["prometheus-pipeline-rules.yaml"])
    assert {rule["labels"]["alert"] for rule in rules} == set(deploy_files.alerts("pipelines"))


@pytest.mark.parametrize("name", deploy_files.alerts())
def test_a_rule_says_what_the_policy_says(name):
    rule, policy = by_alert()[name], deploy_files.alerts()[name]
    expression = rule["expr"].split("and on ()")[0]
    thresholds = {condition["conditionThreshold"]["thresholdValue"] for condition in policy["conditions"]
                  if "conditionThreshold" in condition}
    assert {float(one) for one in re.findall(r"[<>] ([\d.]+)", expression)} == thresholds
    assert windows(rule) == {policy_window(one) for one in policy["conditions"]} - {None}
    metrics = {promql_name for one in policy["conditions"] for promql_name in conditions_metrics(one)}
    assert set(promql.names(expression)) == metrics
    for value in re.findall(r'metric\.label\.\w+=(?:one_of\()?([^ )]+)', str(policy["conditions"])):
        assert all(word in expression for word in re.findall(r"\w+", value)), value
    assert rule["alert"] == "Walpulse" + "".join(word.capitalize() for word in name.split("-"))
    assert rule["labels"]["severity"] == policy["severity"].lower()
    said = rule["annotations"]
    assert said["summary"].endswith(policy["displayName"].removeprefix("walpulse: "))
    assert policy["documentation"]["content"].startswith(said["description"] + " What to do: ")
    assert said["runbook_url"].endswith("/deploy/runbook.md#" + name)


def conditions_metrics(condition):
    body = condition.get("conditionThreshold") or condition["conditionAbsent"]
    for text in (body["filter"], body.get("denominatorFilter", "")):
        for metric in re.findall(r'metric\.type="' + re.escape(deploy_files.PREFIX) + r'([^"]+)"', text):
            name = "walpulse_" + metric.replace("/", "_")
            yield next(one for one in promql.exposed() if one in (name, name + "_total"))


def test_what_a_rule_says_of_a_series_are_labels_that_it_has():
    for rule in promql.rules():
        named = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert named <= (promql.result_labels(rule["expr"]) or set()), rule["alert"]


def test_every_rule_has_a_case_in_which_it_fires():
    cases = (promql.MONITORING / "prometheus-rules-test.yaml").read_text()
    fires = set(re.findall(r'alertname="(\w+)"[^}]*\}\', value: [1-9]', cases))
    assert fires == {rule["alert"] for rule in promql.rules()}
    assert {name for name in promql.names(cases)} <= set(promql.exposed()) | {"walpulse_monitor_leader"}


def test_a_panel_names_its_series_by_labels_that_they_have():
    for panel, target in promql.targets():
        named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert named <= (promql.result_labels(target["expr"]) or promql.TARGET), panel["title"]


def test_a_panel_shows_its_metrics_in_their_unit():
    units = {name: metric["unit"] for name, metric in deploy_files.descriptors().items()}
    of_series = {series: unit for kind, unit in units.items() for series in promql.exposed()
                 if re.fullmatch("walpulse_" + kind.removeprefix(deploy_files.PREFIX).replace("/", "_") + "(_total|_seconds_bucket|)", series)}

    def unit(name):
        return of_series.get(name) or ("By" if name.endswith("_bytes") else "s" if re.search("_seconds_(bucket|sum)$", name) else "1")

    for panel, target in promql.targets():
        named = set(promql.names(target["expr"]))
        means = {name.replace("_sum", "_count") for name in named if name.endswith("_sum")}  # a sum by its count
        wanted = {unit(name) for name in named - means}
        second = "rate(" in target["expr"] and "histogram_quantile" not in target["expr"]
        assert {{"s": "s", "By": "bytes", "1": "cps" if second else "short"}[unit] for unit in wanted} == \
            {panel["fieldConfig"]["defaults"]["unit"]}, panel["title"]


def test_the_dashboards_panels_lie_side_by_side_and_ask_the_chosen_source():
    taken, ids = set(), set()
    for panel in promql.dashboard()["panels"]:
        assert panel["id"] not in ids
        ids.add(panel["id"])
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
    for panel, target in promql.targets():
        assert panel["datasource"] == target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        for name in promql.names(target["expr"]):
            assert name.startswith(("walpulse_monitor_", "walpulse_delivery_", "walpulse_rejected_")) or f'{name}{{source=~"$source"' in target["expr"], name
