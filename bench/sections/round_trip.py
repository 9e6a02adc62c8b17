"""The same drain where every answer takes 20 ms longer, as between two regions; and what lanes do to it.

A key's messages leave one request after the other, so lanes x messages a request / round trip is the
most that can be had.
"""
import drains
from local_sink import LocalSink
from report import Row, median, spread

DELAY_MS = 20
LANES = (1, 8, 32)


def run(options):
    rows = []
    prefilled = options.prefilled()
    shape = prefilled.small(options.small)
    for lanes in LANES:
        theirs, ours = [], []
        for _ in range(options.runs if lanes == 8 else 1):
            theirs.append(drains.recvlogical(prefilled, shape))
            with LocalSink(delay_ms=DELAY_MS) as sink:
                ours.append(drains.connector(prefilled, shape, sink, "--lanes", lanes))
        rows.append(Row("round_trip", f"{shape.name}, {DELAY_MS} ms, {lanes} lanes", {
            "ordered messages/s": median([one.rate for one in ours]),
            "of pg_recvlogical": spread([one.rate / other.rate
                                         for one, other in zip(ours, theirs)]),
            "messages/request": shape.count / median([one.requests for one in ours]),
            "CPU s per million": median([one.cpu["reader"] for one in ours]) * 1e6 / shape.count,
            "peak MiB": max(one.peak["reader"] for one in ours) / (1 << 20)}))
    return rows
