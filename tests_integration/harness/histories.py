"""Small histories of one run, each a kind of its own: statements of Mage's."""

RUNNING = "UPDATE pipeline_run SET status = 'RUNNING', started_at = clock_timestamp()"
RESUMED = "UPDATE pipeline_run SET status = 'RUNNING'"
COMPLETED = "UPDATE pipeline_run SET status = 'COMPLETED', completed_at = clock_timestamp()"
FAILED = "UPDATE pipeline_run SET status = 'FAILED'"
CANCELLED = "UPDATE pipeline_run SET status = 'CANCELLED'"
NEW_KEY = "UPDATE pipeline_run SET id = id + 1000"
DETACHED = "UPDATE pipeline_run SET pipeline_schedule_id = NULL"
WAIT = "SELECT pg_sleep(1.2)"
AWAY, BACK = "ALTER TABLE pipeline_run RENAME TO away", "ALTER TABLE away RENAME TO pipeline_run"
AWAY_COMPLETED = COMPLETED.replace("pipeline_run", "away")
# What was done to the run, and what the truth must say of it.
HISTORIES = {
    "a changed key while it runs": (
        [RUNNING, NEW_KEY, COMPLETED], {"created": 1, "finished COMPLETED": 1, "active": 0}),
    "a changed key of a failed run": (
        [RUNNING, FAILED, NEW_KEY], {"finished FAILED": 1, "failures": 1, "active": 0}),
    "a changed key, and a retry of the new one": (
        [RUNNING, FAILED, NEW_KEY, RESUMED, COMPLETED],
        {"started": 2, "retried": 1, "finished COMPLETED": 1, "failures": 0}),
    "a rename there and back": (
        [RUNNING, AWAY, AWAY_COMPLETED, BACK], {"finished COMPLETED": 1, "active": 0}),
    "a retry that keeps its started_at": (
        [RUNNING, FAILED, WAIT, RESUMED, COMPLETED],
        {"durations COMPLETED": 1, "seconds COMPLETED": (0, 1), "queued": 1}),
    "a retry that is stamped anew": (
        [RUNNING, FAILED, WAIT, RUNNING, COMPLETED],
        {"durations COMPLETED": 1, "seconds COMPLETED": (0, 1), "queued": 1}),
    "a retry of a retry": (
        [RUNNING, FAILED, RESUMED, WAIT, FAILED, RESUMED, COMPLETED],
        {"seconds FAILED": (1.2, 2.4), "seconds COMPLETED": (0, 1), "retried": 2}),
    "a cancelled one that runs without ever being stamped": (
        [CANCELLED, RESUMED, WAIT, COMPLETED],
        {"skipped scheduler": 1, "seconds COMPLETED": (1.2, 2.4), "queued": 0}),
    "one that a person cancels": ([WAIT, CANCELLED], {"skipped person": 1, "queued": 0}),
    "one that waits": ([WAIT, RUNNING], {"queued": 1, "queue seconds": (1.2, 2.4)}),
    "one without its trigger": ([RUNNING, DETACHED], {"active ORPHANED": 1, "ages": 0}),
    "one that ends without its trigger": ([RUNNING, DETACHED, CANCELLED], {"active": 0, "ages": 0}),
    "one that runs": ([RUNNING], {"active RUNNING": 1, "active ORPHANED": 0, "ages": 1}),
}
