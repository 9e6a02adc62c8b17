"""The counters of blocks in an exposition, beside what SQL says of the same rows."""
import collections

ENDED = "walpulse_block_run_ended_count_total"
SECONDS = "walpulse_block_run_duration_seconds"
SUM_SLACK = 0.001  # seconds for each value: the two add up in another order


def counted(served):
    """{(pipeline, block, status): (ends, how many of them timed, their seconds)}"""
    found = collections.defaultdict(lambda: [0, 0, 0.0])
    for (name, labels), value in served.items():
        if name not in (ENDED, SECONDS + "_count", SECONDS + "_sum"):
            continue
        of = dict(labels)
        part = (ENDED, SECONDS + "_count", SECONDS + "_sum").index(name)
        found[of["pipeline"], of["block"], of["status"]][part] += value
    return {key: tuple(value) for key, value in found.items()}


def told_by_sql(source):
    found = collections.defaultdict(lambda: [0, 0, 0.0])
    for end in source.truth_of("block_ends"):
        sums = found[end["pipeline"], end["block"], end["status"]]
        sums[0] += 1
        if end["seconds"] is not None:
            sums[1] += 1
            sums[2] += float(end["seconds"])
    return {key: tuple(value) for key, value in found.items()}


def differences(source, served):
    """[(pipeline, block, status), truth, monitor] of what is not the same."""
    truth, ours = told_by_sql(source), counted(served)
    none = 0, 0, 0.0

    def equal(one, other):
        return one[:2] == other[:2] and abs(one[2] - other[2]) <= SUM_SLACK * max(one[1], 1)

    return [(key, truth.get(key, none), ours.get(key, none)) for key in sorted({*truth, *ours})
            if not equal(truth.get(key, none), ours.get(key, none))]
