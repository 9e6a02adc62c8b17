"""What a Cloud Monitoring was given of the run counters, beside the SQL truth."""
COUNTERS = ("created_count", "started_count", "finished_count", "retried_count", "skipped_count",
            "sla_missed_count")


def exported(monitoring):
    """{(counter, frozenset of labels): value} of the newest points of the run counters."""
    return {(name, labels): value for (name, labels), value in monitoring.latest().items()
            if name.removeprefix("pipeline_run/") in COUNTERS}


def truth_of(source):
    rows = source.execute("SELECT metric, labels, value FROM walpulse_truth.metrics")
    return {(metric, frozenset((k, str(v)) for k, v in labels.items())): value
            for metric, labels, value in rows if metric.removeprefix("pipeline_run/") in COUNTERS}
