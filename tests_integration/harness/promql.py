"""Reads what alert rules and dashboards for Prometheus ask for; and how metrics are named there."""
import json
import re

import yaml

from harness import deploy_files

MONITORING = deploy_files.DEPLOY / "monitoring"
TARGET = {"instance"}  # of whoever is scraped
# Too many series for a service that is paid by them.
ONLY_SCRAPED = {"walpulse_block_run_ended_count_total": {"source", "pipeline", "block", "status"},
                **{f"walpulse_block_run_duration_seconds_{part}": {"source", "pipeline", "block", "status", *more}
                   for part, more in (("sum", ()), ("count", ()), ("bucket", ("le",)))}}


def exposed():
    """{name of a series: its labels} of each metric of the monitor."""
    found = dict(ONLY_SCRAPED)
    for kind, metric in deploy_files.descriptors().items():
        name = "walpulse_" + kind.removeprefix(deploy_files.PREFIX).replace("/", "_")
        labels = {label["key"] for label in metric.get("labels", [])} | {"source"}
        if metric["valueType"] == "DISTRIBUTION":
            name += {"s": "_seconds", "By": "_bytes"}[metric["unit"]]
            found |= {name + "_sum": labels, name + "_count": labels, name + "_bucket": labels | {"le"}}
        else:
            found[name + ("_total" if metric["metricKind"] == "CUMULATIVE" else "")] = labels
    return found


def printed(text):
    """The same, of a /metrics."""
    found = {}
    for line in text.splitlines():
        if one := re.match(r"(walpulse_\w+)(?:\{(.*)\})? ", line):
            found.setdefault(one[1], set()).update(re.findall(r'(\w+)="', one[2] or ""))
    return found


def closing(text, opened):
    """The index behind the bracket that closes the one at `opened`."""
    depth = 0
    for index in range(opened, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    raise AssertionError(f"a bracket is open: {text}")


def names(expression):
    return re.findall(r"walpulse_\w+", expression)


def problems(expression, known):
    """What in it is not known: metrics, the labels of their selectors, those that it groups by."""
    for name, selected in re.findall(r"(walpulse_\w+)(?:\{([^}]*)\})?", expression):
        if name not in known:
            yield f"nobody exposes {name}"
        elif unknown := set(re.findall(r"(\w+)(?:=~|!~|!=|=)", selected)) - known[name]:
            yield f"{name} has no {unknown}"
    for group in re.finditer(r"\bby \(([^)]*)\) \(", expression):
        labels = set(group[1].split(", ")) - TARGET
        for name in names(expression[group.end():closing(expression, group.end() - 1)]):
            if unknown := labels - known.get(name, set()):
                yield f"{name} has no {unknown}"


def result_labels(expression):
    """Of the series that it makes: what its first aggregation groups by; without one, any."""
    group = re.search(r"\bby \(([^)]*)\)", expression)
    return set(group[1].split(", ")) if group else None


def rules(files=("prometheus-rules.yaml", "prometheus-pipeline-rules.yaml")):
    groups = [group for file in files for group in yaml.safe_load((MONITORING / file).read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def dashboard():
    return json.loads((MONITORING / "grafana-dashboard.json").read_text())


def targets():
    """(panel, target) of the dashboard."""
    return [(panel, target) for panel in dashboard()["panels"] for target in panel.get("targets", [])]
