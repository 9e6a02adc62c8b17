#!/usr/bin/env bash
# croniter 7.0.0 (PyPI): a range whose two ends are equal is read as the whole field.
#
# `5-5 * * * *` names one minute of the hour, the fifth. croniter takes the expression and fires every
# minute of every hour. The same in each field: `0 5-5 * * *` fires every hour, `0 0 * 5-5 *` in every
# month. In 6.0.0 a step from a field's greatest value did the same (`59/15` was `*/15`); 7.0.0 reads that
# as minute 59, and the range as before.
#
# Whoever writes schedules by a program, with a first and a last value that may be equal, gets sixty
# runs in place of one. Seen:
#
#   5-5 * * * *  after 2026-01-01 00:00: 00:01 00:02 00:03 00:04
#   0 5-5 * * *  after 2026-01-01 00:00: 01:00 02:00 03:00 04:00
#   5 * * * *    after 2026-01-01 00:00: 00:05 01:05 02:05 03:05
#
# Exits 1 where that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check croniter==7.0.0
"$folder/venv/bin/python" - <<'PYTHON' | tee "$folder/seen"
import datetime

from croniter import croniter

begin = datetime.datetime(2026, 1, 1)
for expression in ("5-5 * * * *", "0 5-5 * * *", "5 * * * *"):
    times = croniter(expression, begin)
    fires = " ".join(f"{times.get_next(datetime.datetime):%H:%M}" for _ in range(4))
    print(f"{expression:<12} after {begin:%Y-%m-%d %H:%M}: {fires}")
PYTHON
diff "$folder/seen" <(sed -n 's/^#   \([0-9].*after\)/\1/p' "$0")
