"""Reads Prometheus text, and lays the monitor's counters beside the SQL truth."""
import json
import re

LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}

# How each metric that the truth knows is named in the exposition format.
NAMES = {
    "pipeline_run/created_count": "walpulse_pipeline_run_created_count_total",
    "pipeline_run/started_count": "walpulse_pipeline_run_started_count_total",
    "pipeline_run/finished_count": "walpulse_pipeline_run_finished_count_total",
    "pipeline_run/retried_count": "walpulse_pipeline_run_retried_count_total",
    "pipeline_run/skipped_count": "walpulse_pipeline_run_skipped_count_total",
    "pipeline_run/sla_missed_count": "walpulse_pipeline_run_sla_missed_count_total",
    "pipeline_run/duration": "walpulse_pipeline_run_duration_seconds_count",
    "pipeline_run/queue_time": "walpulse_pipeline_run_queue_time_seconds_count",
    "pipeline_run/active": "walpulse_pipeline_run_active",
    "pipeline/consecutive_failures": "walpulse_pipeline_consecutive_failures",
}


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


def compare(truth, monitor, labels_ignored=()):
    """Rows (name, labels, truth, monitor) of every series that either knows; a series that one does
    not know is 0 there."""
    def reduced(series):
        result = {}
        for (name, labels), value in series.items():
            if name in NAMES.values():
                key = name, frozenset(p for p in labels if p[0] not in labels_ignored)
                result[key] = result.get(key, 0) + value
        return result
    ours, theirs = reduced(monitor), reduced(truth)
    keys = sorted(set(ours) | set(theirs), key=lambda key: (key[0], sorted(key[1])))
    return [(name, dict(labels), theirs.get((name, labels), 0), ours.get((name, labels), 0))
            for name, labels in keys]


def differences(truth, monitor, labels_ignored=()):
    """The rows of compare() that differ: empty when the monitor says what the database knows."""
    return [row for row in compare(truth, monitor, labels_ignored) if row[2] != row[3]]
