#!/usr/bin/env bash
# croniter 6.0.0 (PyPI): asked for the next or the previous instant at a month's
# end, it passes over one at which, by its own match(), the expression fires.
#
# next: from 22 February `*/10` of the day of the month (1, 11, 21, 31) goes on to 11 March. It counts days up
# to the 31st, which February lacks, and lands behind the first of March.
# previous: it takes February for 28 days in every year, so in March 2024 the 29th of each month was last
# on 29 January.
#
# 7.0.0 answers 1 March and 29 February. A scheduler that asks only for the next instant runs ten days late,
# without an error. Seen:
#
#   next of 0 0 */10 * * after 2026-02-22: 2026-03-11 (fires on 2026-03-01: True)
#   previous of 0 0 29 * * before 2024-03-05: 2024-01-29 (fires on 2024-02-29: True)
#
# Exits 1 where that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check croniter==6.0.0
"$folder/venv/bin/python" - <<'PYTHON' | tee "$folder/seen"
from datetime import datetime

from croniter import croniter


def fires(expression, day):
    return f"(fires on {day:%Y-%m-%d}: {croniter.match(expression, day)})"


tenth, last = "0 0 */10 * *", "0 0 29 * *"
found = croniter(tenth, datetime(2026, 2, 22)).get_next(datetime)
print(f"next of {tenth} after 2026-02-22: {found:%Y-%m-%d} {fires(tenth, datetime(2026, 3, 1))}")
found = croniter(last, datetime(2024, 3, 5)).get_prev(datetime)
print(f"previous of {last} before 2024-03-05: {found:%Y-%m-%d} {fires(last, datetime(2024, 2, 29))}")
PYTHON
diff "$folder/seen" <(sed -n 's/^#   \(\(next\|previous\) of\)/\1/p' "$0")
