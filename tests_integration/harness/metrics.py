"""Reads Prometheus text, and lays the monitor's series beside the SQL truth."""
import json
import re
import time
from typing import NamedTuple

LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

COUNTERS = ("pipeline_run/created_count", "pipeline_run/started_count",
            "pipeline_run/finished_count", "pipeline_run/retried_count",
            "pipeline_run/skipped_count", "pipeline_run/sla_missed_count")
HISTOGRAMS = ("pipeline_run/duration", "pipeline_run/queue_time")
GAUGES = ("pipeline_run/active", "pipeline/consecutive_failures")
# The truth tells the instant from which each of them runs.
AGES = ("pipeline_run/oldest_active_age", "pipeline/last_success_age",
        "scheduler/last_created_age")


def exposed(metric, suffix=""):
    """How a metric is named in the exposition format."""
    return "walpulse_" + metric.replace("/", "_") + suffix


# Of each metric that the truth knows. A histogram's bare name is its count.
NAMES = {**{name: exposed(name, "_total") for name in COUNTERS},
         **{name: exposed(name) for name in GAUGES + AGES},
         **{name: exposed(name, "_seconds_count") for name in HISTOGRAMS},
         **{name + part: exposed(name, "_seconds" + part) for name in HISTOGRAMS
            for part in ("_sum", "_bucket")}}
AGE_NAMES = {NAMES[name] for name in AGES}
SUM_NAMES = {NAMES[name + "_sum"] for name in HISTOGRAMS}
BUCKET_NAMES = {NAMES[name + "_bucket"] for name in HISTOGRAMS}

SUM_SLACK = 0.001   # seconds for each value: the two add up in another order
AGE_SLACK = 5       # seconds: from the reading of the ledger to the comparison


def parse(text):
    """{(name, frozenset of labels but source): value} of an exposition."""
    series = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = LINE.match(line)
        if not match:
            raise ValueError(f"not an exposition line: {line!r}")
        name, labels, value = match.groups()
        pairs = [(key, re.sub(r'\\.', lambda found: ESCAPES[found[0]], raw))
                 for key, raw in LABEL.findall(labels or "")]
        series[name, frozenset(pair for pair in pairs if pair[0] != "source")] = float(value)
    return series


def parse_truth(text):
    """The same keys for `mage_sim truth --json`: an array of {metric, labels, value}."""
    return {(NAMES[row["metric"]], frozenset((k, str(v)) for k, v in row["labels"].items())):
            float(row["value"]) for row in json.loads(text)}


class Row(NamedTuple):
    """A series that either knows; one that does not know it says 0, or of an age None."""
    name: str
    labels: dict
    truth: float
    monitor: float
    equal: bool


def compare(truth, monitor):
    """Rows of every series, ages as of now."""
    now = time.time()
    monitor = {key: value for key, value in monitor.items() if key[0] in NAMES.values()}
    rows = []
    for key in sorted(set(truth) | set(monitor), key=lambda key: (key[0], sorted(key[1]))):
        name, labels = key
        if name in AGE_NAMES:
            ours = monitor.get(key)
            theirs = max(0, now - truth[key]) if key in truth else None
            equal = (ours == theirs if ours is None or theirs is None
                     else abs(ours - theirs) <= AGE_SLACK)
        else:
            ours, theirs = monitor.get(key, 0), truth.get(key, 0)
            equal = ours == theirs
            if name in SUM_NAMES:
                count = truth.get((name.removesuffix("sum") + "count", labels), 0)
                equal = abs(ours - theirs) <= SUM_SLACK * count
        rows.append(Row(name, dict(labels), theirs, ours, equal))
    return rows


def differences(truth, monitor):
    """The rows that differ: empty when the monitor says what the database knows."""
    return [row for row in compare(truth, monitor) if not row.equal]


def without_ages(series):
    """For a monitor whose clock nobody else has."""
    return {key: value for key, value in series.items() if key[0] not in AGE_NAMES}
