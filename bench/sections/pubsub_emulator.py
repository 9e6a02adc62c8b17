"""The same drain into Google's Pub/Sub emulator, which is what limits it."""
import drains
from harness import emulator
from prefilled import Prefilled
from report import Row, median, spread

PART = 10  # of the other drains' changes: it never lets go of what was published


class EmulatorSink:
    """An emulator in a LocalSink's place: what was taken is what a subscription has yet to give."""

    def __init__(self, running, topic):
        self.running, self.topic = running, topic
        self.URL = running.create_topic(topic)
        self.pid = running.process.pid

    def environment(self):
        return self.running.environment()


def run(options):
    if why := emulator.problem():
        return [Row("pubsub_emulator", why, {})]
    with Prefilled() as prefilled, emulator.Emulator(memory="1g") as running:
        shape = prefilled.small(max(300, options.small // PART))
        theirs, ours = [], []
        for number in range(options.runs):
            theirs.append(drains.recvlogical(prefilled, shape))
            ours.append(drains.connector_confirmed(prefilled, shape,
                                                   EmulatorSink(running, f"runs-{number}")))
        return [Row("pubsub_emulator", f"{shape.name}, ordered", {
            "messages/s": median([one.rate for one in ours]),
            "of pg_recvlogical": spread([one.rate / other.rate for one, other in zip(ours, theirs)]),
            "CPU s per million": median([one.cpu["reader"] for one in ours]) * 1e6 / shape.count,
            "emulator's": median([one.cpu["sink"] for one in ours]) * 1e6 / shape.count,
            "peak MiB": max(one.peak["reader"] for one in ours) / (1 << 20)})]
