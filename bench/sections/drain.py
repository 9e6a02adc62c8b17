"""A full slot, drained into a local sink as fast as it goes, beside `pg_recvlogical` into /dev/null."""
import drains
from local_sink import LocalSink
from report import Row, median, spread

MIB = 1 << 20


def figures(runs, ratios):
    """Of one reader: medians over its runs."""
    def middle(part, name):
        return median([getattr(run, part).get(name, 0) for run in runs])
    million = 1e6 / runs[0].count
    return {"changes/s": median([run.rate for run in runs]),
            "of pg_recvlogical": spread(ratios),
            "CPU s per million": middle("cpu", "reader") * million,
            "walsender's": middle("cpu", "walsender") * million,
            "sink's": middle("cpu", "sink") * million,
            "peak MiB": max(run.peak["reader"] for run in runs) / MIB,
            "walsender's MiB": max(run.peak.get("walsender", 0) for run in runs) / MIB,
            "changes/request": runs[0].count / max(run.requests for run in runs)
            if runs[0].requests else ""}


def threads(runs):
    """"stream 1.2, lane 3.4": CPU seconds per million changes of each thread that matters."""
    million = 1e6 / runs[0].count
    sums = {name: median([run.threads.get(name, 0) for run in runs]) * million
            for name in runs[0].threads}
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in
                     sorted(sums.items(), key=lambda one: -one[1]) if seconds >= 0.05)


def compare(prefilled, shape, runs, section="drain"):
    theirs, ours = [], []
    for _ in range(runs):
        theirs.append(drains.recvlogical(prefilled, shape))
        with LocalSink() as sink:
            ours.append(drains.connector(prefilled, shape, sink))
    ratios = [one.rate / other.rate for one, other in zip(ours, theirs)]
    print(f"  {shape.name}: pg_recvlogical {[round(one.seconds, 2) for one in theirs]} s, "
          f"walpulse {[round(one.seconds, 2) for one in ours]} s; CPU s per million changes by "
          f"thread: {threads(ours)}", flush=True)
    return [Row(section, f"{shape.name}: pg_recvlogical", figures(theirs, [1.0])),
            Row(section, f"{shape.name}: walpulse-connector", figures(ours, ratios))]


def run(options):
    prefilled = options.prefilled()
    # Short runs, of two kinds (results.md): more of them, so that the median is one of many.
    rows = compare(prefilled, prefilled.small(options.small), 2 * options.runs + 1)
    return rows + compare(prefilled, prefilled.big(options.big), options.runs)
