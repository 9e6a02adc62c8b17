"""What the demo shows while it runs, and the table it ends with."""
import collections
import shutil
import time

from harness import metrics

STATUSES = ["INITIAL", "RUNNING", "ORPHANED", "COMPLETED", "FAILED", "CANCELLED"]
ACTIVE = "walpulse_pipeline_run_active"
FINISHED = "walpulse_pipeline_run_finished_count_total"
PROCESSED = "walpulse_event_processed_count_total"
BACKLOG_S = 600
LATENCY = "walpulse_event_delivery_latency_seconds"


def by_pipeline(series):
    """{pipeline: {status: runs}}: active ones as they stand, finished ones as counted."""
    table = collections.defaultdict(collections.Counter)
    for (name, labels), value in series.items():
        if name in (ACTIVE, FINISHED):
            label = dict(labels)
            table[label["pipeline"]][label["status"]] += int(value)
    return table


def total(series, name, **wanted):
    """The sum of a metric's series that carry the wanted labels."""
    return sum(value for (one, labels), value in series.items()
               if one == name and wanted.items() <= dict(labels).items())


class Rates:
    """Events a second and mean latency between two looks."""

    def __init__(self):
        self.last = None

    def look(self, series):
        now = (time.monotonic(), total(series, PROCESSED, outcome="applied"),
               total(series, LATENCY + "_sum"), total(series, LATENCY + "_count"))
        last, self.last = self.last or now, now
        seconds, events, latency, count = (b - a for a, b in zip(last, now))
        mean = latency / count if count else None
        # Of the history that was written first, days lie between a commit and its metric.
        return (events / seconds if seconds else 0.0), (
            mean * 1000 if mean is not None and mean < BACKLOG_S else None)


def live_lines(series, rate, latency_ms, lag_bytes, seconds):
    """The live summary, at most a dozen pipelines, no wider than the terminal."""
    table = by_pipeline(series)
    width = shutil.get_terminal_size((100, 24)).columns - 1
    lines = [f"{seconds:5.0f} s   {rate:7.1f} events/s   "
             f"commit to metric {'-' if latency_ms is None else f'{latency_ms:.0f} ms':>7}   "
             f"slot lag {lag_bytes / 1024:.1f} KiB",
             f"{'pipeline':28}" + "".join(f"{status:>11}" for status in STATUSES)]
    for pipeline in sorted(table)[:12]:
        counts = table[pipeline]
        lines.append(f"{pipeline[:28]:28}" +
                     "".join(f"{counts[status]:>11}" for status in STATUSES))
    if len(table) > 12:
        lines.append(f"... and {len(table) - 12} more pipelines")
    return [line[:width] for line in lines]


def short(name):
    return name.removeprefix("walpulse_").removesuffix("_total")


def final_lines(rows):
    """`rows` of metrics.compare side by side: a line for each metric and status, summed over the
    other labels, then a line for each single series that differs. Of ages, sums and buckets only
    what differs is shown."""
    sums = collections.defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row.name in metrics.AGE_NAMES | metrics.SUM_NAMES | metrics.BUCKET_NAMES:
            continue
        one = sums[short(row.name), row.labels.get("status", "")]
        one[0] += 1
        one[1] += int(row.truth)
        one[2] += int(row.monitor)
    lines = [f"{'metric':38}{'status':11}{'series':>7}{'SQL truth':>11}{'monitor':>9}"]
    for (name, status), (series, truth, monitor) in sorted(sums.items()):
        lines.append(f"{name:38}{status:11}{series:>7}{truth:>11}{monitor:>9}")
    for row in rows:
        if not row.equal:
            lines.append(f"DIFFERENT  {short(row.name)} {row.labels}: SQL truth {row.truth}, "
                         f"monitor {row.monitor}")
    return lines
