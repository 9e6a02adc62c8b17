"""The torture run: mage_sim at full tilt, three connectors on one slot, three monitors on one
PostgreSQL ledger, Google's emulator between them, and faults by a seeded schedule. At the end, the
invariants (invariants.py): nothing lost, nothing counted twice, nothing confirmed early, no exported
point gone back. Exit 0 where they hold, 1 where they do not.

    python -m torture --duration 180 --seed 1        (in tests_integration/; or: make torture)
"""
import argparse
import collections
import re
import sys
import threading
import time

from harness import janitor, snapshots
from harness.programs import run
from torture import invariants, schedule, told
from torture.faults import strike
from torture.world import EXPORT_SECONDS, World

SETTLE_SECONDS = 180  # without any progress


def say(text):
    print(text, flush=True)


def inject(world, faults, began):
    """Each fault at its time, on a thread of its own: some take long to strike. Returns when all
    have ended."""
    threads, failures = [], []

    def one(fault):
        try:
            end = strike(world, fault)
            if end:
                time.sleep(fault.seconds)
                end()
        except Exception as error:  # a thread's own would be lost
            failures.append(f"{fault}: {error!r}")

    for fault in faults:
        time.sleep(max(0, began + fault.at - time.monotonic()))
        say(f"{fault}   [{world.topic.count()} events]")
        threads.append(threading.Thread(target=one, args=[fault]))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return failures


def wait_while_moving(progress, done, what):
    """Until done(); fails once progress() has said the same for SETTLE_SECONDS."""
    seen, since = None, time.monotonic()
    while not done():
        now = progress()
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > SETTLE_SECONDS:
            raise AssertionError(f"nothing moves for {SETTLE_SECONDS} s: {what()}")
        time.sleep(0.5)


def settle(world):
    """Until what was committed is delivered, counted and exported, or it will not be."""
    world.mage.stop()
    end = world.source.end_of_log()
    wait_while_moving(world.source.slot_row, lambda: world.source.confirmed(end),
                      lambda: f"{end} is not confirmed: {world.source.slot_row()}")
    total = world.source.change_count_of_all()
    wait_while_moving(world.topic.count, lambda: world.topic.count() >= total,
                      lambda: f"{world.topic.count()} of {total} events are on the topic")
    world.past = set(world.topic.past)  # what comes now tells of every run
    read = run("walpulse-connector", *snapshots.arguments(world.source, world.sink),
               env=world.emulator.environment(), timeout=SETTLE_SECONDS)
    assert read.returncode == 0, read.stderr[-2000:]
    wrong = []

    def counted():
        wrong[:] = (invariants.everything_counted_once(world) if world.leader()
                    else ["no monitor leads"]) + invariants.the_late_monitor_agrees(world)
        wrong[:] = wrong or invariants.each_problem_is_true_and_open_once(world)
        return not wrong

    # Sums and ages never stand still.
    wait_while_moving(lambda: re.sub(r"\d+\.\d+", "", str(wrong)), counted, lambda: f"{wrong}")
    wait_while_moving(lambda: told.waiting(world), lambda: told.waiting(world) == 0,
                      lambda: f"{told.waiting(world)} are still to be told")
    time.sleep(EXPORT_SECONDS + 1)


def torture(seed, duration, rate, emulator_memory):
    """Runs it; returns what is wrong at the end."""
    faults = schedule.make(seed, duration)
    say(f"seed {seed}, {duration} s, {rate} changes/s, {len(faults)} faults")
    with World(seed, rate, emulator_memory) as world:
        began = time.monotonic()
        wrong = inject(world, faults, began)
        time.sleep(max(0, began + duration - time.monotonic()))
        say(f"{duration:7.1f} s  the faults are over, everything settles")
        try:
            settle(world)
        except AssertionError as late:
            wrong.append(str(late))
        world.topic.stop()
        world.slot.stop()
        wrong += invariants.check(world)
        say(invariants.summary(world))
        kinds = collections.Counter(f"{fault.target}: {fault.kind}" for fault in faults)
        say("faults: " + ", ".join(f"{count} x {kind}" for kind, count in sorted(kinds.items())))
        if wrong:
            say(f"the programs' logs are in {world.keep_logs()}")
    for each in wrong:
        say(f"WRONG: {each}")
    say(f"seed {seed}: " + ("FAILED" if wrong else "lost 0, miscounted 0"))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--duration", type=float, default=180, help="seconds of faults")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same faults")
    parser.add_argument("--rate", type=int, default=300, help="changes a second; 0 = full tilt")
    parser.add_argument("--emulator-memory", default="4g", help="the emulator never frees any")
    arguments = parser.parse_args()
    janitor.hire()
    sys.exit(1 if torture(arguments.seed, arguments.duration, arguments.rate,
                          arguments.emulator_memory) else 0)


if __name__ == "__main__":
    main()
