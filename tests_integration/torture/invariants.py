"""What must hold at the end, whatever happened: each check returns what is wrong, in words."""
import collections
import json

from harness import block_ends, metrics, problems
from stand_ins.monitoring_rules import KINDS
from torture import told

GAP_EXIT = 3
MEMORY_MAX = 64 << 20
SHOWN = 5


def _shown(what, found):
    return [f"{len(found)} {what}: {found[:SHOWN]}"] if found else []


def events_of_audit(world):
    """run id -> [(op, status)] as committed; a run's row lock orders its changes."""
    found = {}
    for run, op, status in world.source.execute(
            "SELECT id, op, status FROM walpulse_truth.audit ORDER BY seq"):
        found.setdefault(run, []).append(("c" if op == "k" else op, status))
    return found


def nothing_lost_and_all_in_order(world, audit):
    """Every committed change on the topic, and each run's first arrivals in commit order."""
    lost, disordered = [], []
    for run, committed in audit.items():
        seen = world.topic.runs.get(run, [])
        if [place for place, _, _ in seen] != sorted(place for place, _, _ in seen):
            disordered.append(run)
        if [(op, status) for _, op, status in seen] != committed:
            lost.append((run, committed, seen))
    invented = [run for run in world.topic.runs if run not in audit]
    return (_shown("runs differ from what was committed (run, committed, on the topic)", lost)
            + _shown("runs out of order", disordered) + _shown("runs from nowhere", invented))


def everything_counted_once(world):
    """The exposition that the leading monitor serves, beside the SQL truth."""
    served = metrics.parse(world.leader())
    wrong = metrics.differences(world.source.truth(), served)
    total = world.source.change_count_of_all()

    def count(outcome):
        return sum(value for (name, labels), value in served.items()
                   if name == "walpulse_event_processed_count_total"
                   and ("outcome", outcome) in labels and ("op", "r") not in labels)

    found = _shown("series differ (name, labels, truth, monitor)", wrong)
    found += _shown("ends of blocks differ (what, truth, monitor)",
                    block_ends.differences(world.source, served))
    if count("applied") != total:
        found.append(f"{count('applied')} events applied, {total} committed")
    for outcome in ("invalid", "conflict", "pruned"):
        if count(outcome):
            found.append(f"{count(outcome)} events are {outcome}")
    latency = served.get(("walpulse_event_delivery_latency_seconds_count", frozenset()), 0)
    # What a replay brought first has no latency.
    if not total - world.topic.replayed <= latency <= total:
        found.append(f"event/delivery_latency counts {latency} events, {total} were committed")
    return found


def each_problem_is_true_and_open_once(world):
    """What is failing, beside one pass over the log; and no key twice."""
    known = problems.problems(world.ledger_server.dsn("ledger", "ledger"))
    keys = collections.Counter((one["kind"], one["subject"], one.get("instance")) for one in known)
    told = {one["subject"] for one in known if one["kind"] == "failing"}
    true = problems.failing_by_log(world.topic.steps)
    found = _shown("problems are open more than once", [key for key, times in keys.items() if times > 1])
    found += _shown("pipelines are failing and not told", sorted(true - told))
    return found + _shown("pipelines are told to be failing and are not", sorted(told - true))


def only_what_is_true_was_told(world):
    """The stranger is refused, loudly; nothing else is a gap, late, or in conflict."""
    served = metrics.parse(world.leader())

    def total(name, **labels):
        return sum(value for (found, pairs), value in served.items()
                   if found == metrics.exposed(name, "_total") and set(labels.items()) <= pairs)

    found = [f"{name} is {total(name)}" for name in ("flow/late_event_count",
                                                     "labels/late_origin_count") if total(name)]
    taken = total("flow/gap_count", reason="name_taken")
    if total("flow/gap_count") != taken:
        found.append(f"{total('flow/gap_count')} gaps, {taken} of them the stranger's")
    refused = total("event/processed_count", outcome="refused")
    if world.stranger.visits and not (taken and refused):
        found.append(f"the stranger came {world.stranger.visits} times: {taken} gaps, "
                     f"{refused} events refused")
    if not world.stranger.visits and (taken or refused):
        found.append(f"nobody came, and yet {taken} gaps, {refused} events refused")
    return found


def the_late_monitor_agrees(world):
    """It was never told what was before it, but for a snapshot's rows: what is active, and every
    series of the runs that began after it."""
    late = world.late_monitor
    if late is None:
        return []
    truth, served = world.source.truth(), metrics.parse(late.served())

    def of_its_own(series):
        return {key: value for key, value in series.items()
                if ("pipeline", late.pipeline) in key[1]}

    def active(series):
        found = collections.Counter()
        for (name, labels), value in series.items():
            if name == metrics.NAMES["pipeline_run/active"] and value:
                found[dict(labels)["pipeline"]] += value  # what is an orphan it cannot know
        return found

    found = _shown("series of the late monitor differ",
                   metrics.differences(of_its_own(truth), of_its_own(served)))
    if active(truth) != active(served):
        found.append(f"active runs: {active(truth)}, the late monitor says {active(served)}")
    return found


def nothing_confirmed_early(world):
    return _shown("samples at which the slot had confirmed what was not on the topic (when, LSN, "
                  "event, published)", world.slot.passed_unpublished(world.topic.published))


def published_by_the_rules(world):
    """A publisher that was killed leaves its request in flight: that rule is another test's."""
    return _shown("publishes broke Pub/Sub's rules", [
        rule for rule in world.topic_front.violations if not rule.startswith("two requests")])


def exported_points_never_went_back(world):
    wrong = []
    for series in world.monitoring.series.values():
        if world.monitoring.descriptors[series.type].metric_kind != KINDS.CUMULATIVE:
            continue
        starts = [point.start for point in series.points]
        counts = [getattr(point.value, "count", point.value) for point in series.points]
        if len(set(starts)) > 1 or counts != sorted(counts):
            wrong.append((series.type, series.labels, starts, counts))
    return _shown("exported series went back or began anew", wrong)


def the_programs_behaved(world):
    """No gap was found where none was, and memory stayed bounded."""
    found = []
    for one in world.connectors + world.monitors:
        name = f"{one.program.name} {one.program.pid}"
        if GAP_EXIT in one.exits:
            found.append(f"{name} found a gap: exits {one.exits}")
        crashes = [code for code in one.exits if code < 0 and code not in (-9, -15)]
        found += _shown(f"crashes of {name}", crashes)
        if one.peak_bytes > MEMORY_MAX:
            found.append(f"{name} used {one.peak_bytes >> 20} MiB")
    return found


def check(world):
    audit = events_of_audit(world)
    return (nothing_lost_and_all_in_order(world, audit) + everything_counted_once(world)
            + each_problem_is_true_and_open_once(world)
            + the_late_monitor_agrees(world) + only_what_is_true_was_told(world)
            + nothing_confirmed_early(world) + published_by_the_rules(world)
            + exported_points_never_went_back(world)
            + told.all_that_was_due(world) + the_programs_behaved(world))


def summary(world):
    """For people and for a table: one JSON object."""
    served = metrics.parse(world.leader())
    unchanged = sum(value for (name, labels), value in served.items()
                    if name == "walpulse_event_processed_count_total"
                    and ("outcome", "unchanged") in labels)
    return json.dumps({
        "changes_committed": world.source.change_count_of_all(),
        "events_on_the_topic": world.topic.count(),
        "published_again": world.topic.repeats,
        "duplicates_that_counted_nothing": int(unchanged),
        "replayed": world.topic.replayed,
        "rows_read_by_snapshots": world.topic.rows_read,
        "replays_and_snapshots": {"begun": len(world.operations), "finished": sum(
            one.process.returncode == 0 for one in world.operations)},
        "slot_samples": len(world.slot.samples),
        "points_exported": sum(len(one.points) for one in world.monitoring.series.values()),
        "starts": {"connector": sum(len(one.exits) + 1 for one in world.connectors),
                   "monitor": sum(len(one.exits) + 1 for one in world.monitors)},
        "told": told.summary(world),
        "peak_MiB": {"connector": max(one.peak_bytes for one in world.connectors) >> 20,
                     "monitor": max(one.peak_bytes for one in world.monitors) >> 20},
    })
