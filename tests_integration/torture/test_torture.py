"""A minute of the torture run: survivable faults at once, by a seed. `make torture` runs any other
seed for any length; torture/__main__.py says what must hold at the end."""
import pytest

from torture.__main__ import torture

pytestmark = pytest.mark.statement("torture")


def test_nothing_is_lost_or_counted_twice_under_a_minute_of_faults():
    assert torture(seed=1, duration=60, rate=200, emulator_memory="4g") == []
