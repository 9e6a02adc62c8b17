"""Which fault strikes when: decided by the seed alone, before anything starts."""
import random
from typing import NamedTuple

# Faults by what they strike, each with the range of its length in seconds (0: an instant). Two
# faults on one target never overlap; faults on different targets do.
FAULTS = {
    "connector": {"kill": (0, 0), "stop": (1, 8), "terminate": (0, 0)},
    "monitor": {"kill": (0, 0), "stop": (1, 30), "terminate": (0, 0)},
    "all monitors": {"away": (10, 25)},
    "source": {"restart_fast": (0, 0), "restart_immediate": (0, 0), "end_walsender": (0, 0),
               "end_backends": (0, 0), "log_switch": (0, 0), "disk_full": (1, 5)},
    "clock": {"jump_forth": (1, 8), "jump_back": (1, 8)},
    "source clock": {"jump_forth": (1, 8), "jump_back": (1, 8)},
    "role": {"timeouts": (2, 10), "formats": (2, 10), "names": (2, 10)},
    "source network": {"reset": (0, 0), "drop": (1, 8), "half_open": (2, 10), "slow": (2, 8)},
    "topic": {"403": (1, 6), "404": (1, 6), "429": (1, 6), "500": (1, 6), "503": (1, 15),
              "close": (1, 6), "half_a_body": (1, 6), "few_ids": (1, 6)},
    "topic network": {"reset": (0, 0), "drop": (1, 15), "half_open": (2, 15), "slow": (2, 8)},
    "subscription network": {"reset": (0, 0), "drop": (1, 15), "half_open": (2, 15), "slow": (2, 8)},
    "emulator": {"stop": (1, 10)},
    "ledger": {"restart_fast": (0, 0), "restart_immediate": (0, 0), "end_backends": (0, 0)},
    "ledger network": {"reset": (0, 0), "drop": (1, 10), "half_open": (2, 10), "slow": (2, 8)},
    "cloud monitoring": {"fail": (0, 0)},
    "receiver": {"429": (1, 6), "500": (1, 6), "reset": (1, 6)},
    "receiver network": {"reset": (0, 0), "drop": (1, 8), "half_open": (2, 10), "slow": (2, 8)},
    "delivery": {"again": (0, 0)},
    "history": {"replay": (2, 30), "snapshot": (2, 30)},
    "guest": {"stranger": (4, 8), "monitor": (0, 0)},
    "table": {"add_column": (0, 0), "drop_column": (0, 0), "many_rows": (0, 0),
              "roll_back": (0, 0), "savepoints": (0, 0), "rename": (0.3, 3),
              "change_keys": (0, 0)},
}
GAP_SECONDS = (0.5, 4)  # between the beginnings of two faults
INSTANCES = {"connector": 3, "monitor": 3}
QUIET_SECONDS = 5  # at the start, and on a target after each of its faults


class Fault(NamedTuple):
    at: float        # seconds after the start
    target: str
    instance: int    # of those targets of which there are several, else 0
    kind: str
    seconds: float   # how long it lasts

    def __str__(self):
        which = f" {self.instance + 1}" if self.target in INSTANCES else ""
        length = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:7.1f} s  {self.target}{which}: {self.kind}{length}"


def make(seed, duration):
    """The faults of a run, by their time. A longer run with the same seed begins with the same."""
    rng = random.Random(seed)
    free_from = {}  # (target, instance) -> when it may be struck again
    faults, at = [], QUIET_SECONDS
    while True:
        at += rng.uniform(*GAP_SECONDS)
        target = rng.choice(list(FAULTS))
        instance = rng.randrange(INSTANCES.get(target, 1))
        kind = rng.choice(list(FAULTS[target]))
        seconds = round(rng.uniform(*FAULTS[target][kind]), 1)
        if at + seconds > duration:
            return faults
        if at < free_from.get((target, instance), 0):
            continue
        free_from[target, instance] = at + seconds + QUIET_SECONDS
        faults.append(Fault(round(at, 1), target, instance, kind, seconds))
