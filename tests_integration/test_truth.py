"""The judge is judged: the SQL truth against a second computation, a walk over the log in order with
the row before at hand."""
from collections import Counter, defaultdict

import pytest

from harness.metrics import NAMES
from harness.programs import run, wait_until

TERMINAL = {"COMPLETED", "FAILED", "CANCELLED"}
COLUMNS = ("op", "id", "created_at", "started_at", "completed_at", "status", "pipeline", "schedule",
           "trigger", "passed_sla", "partner", "commit", "seq")
NEVER = object()
BOUNDS = {
    "pipeline_run/duration": (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400,
                              28800, 43200, 86400),
    "pipeline_run/queue_time": (1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1800, 3600, 7200,
                                21600)}


class Life:
    """What is known of a run since it began."""

    def __init__(self, row):
        self.first, self.last = row, row
        self.birth = row["commit"] if row["op"] == "c" else row["created_at"]
        self.labels = {"pipeline": row["pipeline"], "trigger": row["trigger"]}
        if row["partner"] is not None:
            self.labels["partner"] = row["partner"]
        self.pipeline = {"pipeline": row["pipeline"]}
        self.had_trigger = row["schedule"] is not None
        self.status, self.missed, self.queued, self.ran = None, False, False, False
        self.stale = NEVER     # the last terminal step's started_at
        self.resumed = None    # the commit of the first RUNNING after it
        self.failed = None     # when it last came into FAILED, while it is
        if row["op"] != "c":
            self.status, self.missed = row["status"], bool(row["passed_sla"])
            self.queued = self.ran = row["started_at"] is not None
            if self.status in TERMINAL:
                self.stale = row["started_at"]

    def orphaned(self):
        return self.had_trigger and self.last["schedule"] is None

    def visit(self, row, add, measure):
        self.last, before, status = row, self.status, row["status"]
        self.had_trigger |= row["schedule"] is not None
        if row["op"] == "c":
            add("pipeline_run/created_count", self.labels)
        if row["passed_sla"] and not self.missed:
            add("pipeline_run/sla_missed_count", self.pipeline)
        if before in TERMINAL and status not in TERMINAL:
            add("pipeline_run/retried_count", self.pipeline)
            self.resumed = None
        if status == "RUNNING":
            self.run(row, before, add, measure)
        self.ran |= row["started_at"] is not None
        if status in TERMINAL and status != before:
            self.end(row, add, measure)
        self.status, self.missed = status, self.missed or bool(row["passed_sla"])

    def run(self, row, before, add, measure):
        if before != "RUNNING":
            add("pipeline_run/started_count", self.labels)
        if self.resumed is None:
            self.resumed = row["commit"]
        if row["started_at"] is not None and not self.queued:
            self.queued = True
            if self.birth is not None:
                measure("pipeline_run/queue_time", {}, self.birth, row["started_at"])

    def end(self, row, add, measure):
        status, commit = {"status": row["status"]}, row["commit"]
        add("pipeline_run/finished_count", {**self.labels, **status})
        if row["status"] == "CANCELLED" and not self.ran:
            at_once = self.first["op"] == "c" and abs((commit - self.birth).total_seconds()) <= 1
            by = "scheduler" if at_once else "person"
            add("pipeline_run/skipped_count", {**self.pipeline, "by": by})
        since = self.resumed if self.stale == row["started_at"] else row["started_at"]
        if since is not None:
            until = row["completed_at"] or commit
            if abs((until - commit).total_seconds()) > 60:
                until = commit
            measure("pipeline_run/duration", {**self.pipeline, **status}, since, until)
        self.stale = row["started_at"]


class Walk:
    def __init__(self):
        self.values = Counter()
        self.lives = {}                    # of runs that are there
        self.known = {}                    # every run's last life, there or not
        self.successes = defaultdict(list)  # by run: (place, when)
        self.created = None

    def add(self, metric, labels, value=1):
        self.values[NAMES[metric], frozenset(labels.items())] += value

    def measure(self, metric, labels, since, until):
        seconds = max((until - since).total_seconds(), 0)
        self.add(metric, labels)
        self.add(metric + "_sum", labels, seconds)
        for bound in BOUNDS[metric]:
            if seconds <= bound:
                self.add(metric + "_bucket", {**labels, "le": str(bound)})
        self.add(metric + "_bucket", {**labels, "le": "+Inf"})

    def take(self, row):
        if row["op"] == "t":
            self.lives.clear()
        elif row["op"] == "d":
            self.lives.pop(row["id"], None)
        elif row["op"] in "ck" or row["id"] not in self.lives:
            life = self.lives[row["id"]] = self.known[row["id"]] = Life(row)
            if row["op"] == "c":
                self.created = max(filter(None, (self.created, row["commit"])))
                self.visit(life, row)
            elif row["op"] == "u":
                self.note_end(life, row, None, 0, row["completed_at"] or row["commit"])
        else:
            self.visit(self.lives[row["id"]], row)

    def visit(self, life, row):
        before = life.status
        life.visit(row, self.add, self.measure)
        self.note_end(life, row, before, row["seq"], row["commit"])

    def note_end(self, life, row, before, place, when):
        if row["status"] == before:
            return
        life.failed = place if row["status"] == "FAILED" else None
        if row["status"] == "COMPLETED":
            self.successes[row["id"]].append((place, when))

    def gauges(self):
        oldest, newest = {}, {}
        for life in self.lives.values():
            name, status = life.last["pipeline"], life.status
            if status in TERMINAL:
                continue
            self.add("pipeline_run/active", {
                "pipeline": name, "status": "ORPHANED" if life.orphaned() else status})
            if not life.orphaned():
                since = life.birth or life.first["commit"]
                oldest[name] = min(oldest.get(name, since), since)
        for one, life in self.known.items():
            name = life.last["pipeline"]
            newest[name] = max(self.successes[one] + [newest.get(name, (-1, None))],
                               key=lambda success: success[0])
        for life in self.known.values():
            name = life.last["pipeline"]
            if life.failed is not None and life.failed > newest[name][0]:
                self.add("pipeline/consecutive_failures", {"pipeline": name})
        for name, since in oldest.items():
            self.add("pipeline_run/oldest_active_age", {"pipeline": name}, since.timestamp())
        for name, (place, when) in newest.items():
            if when is not None:
                self.add("pipeline/last_success_age", {"pipeline": name}, when.timestamp())
        if self.created is not None:
            self.add("scheduler/last_created_age", {}, self.created.timestamp())


def recompute(source):
    rows = source.execute(
        "SELECT op, id, created_at, started_at, completed_at, status, pipeline, schedule, trigger, "
        "passed_sla, partner, pg_xact_commit_timestamp(xid), seq FROM walpulse_truth.audit "
        "ORDER BY seq")
    walk = Walk()
    for row in rows:
        walk.take(dict(zip(COLUMNS, row)))
    walk.gauges()
    return walk.values


def check(source):
    truth, recomputed = source.truth(), recompute(source)
    assert set(truth) == set(recomputed)
    assert [(key, truth[key], recomputed[key]) for key in truth
            if abs(truth[key] - recomputed[key]) > 1e-3] == []
    return truth


def test_truth_of_a_simulation_equals_an_independent_count(bare_source):
    bare_source.simulate("--runs", 800, "--rate", 0, "--pipelines", 6, "--seed", 12,
                         "--concurrency", 2, "--odds", "stuck=0.05", "--odds", "fail=0.4",
                         "--odds", "change_key=0.05", "--odds", "rename_table=0.05",
                         "--odds", "delete_trigger=0.05", "--odds", "cancel_initial=0.05",
                         "--odds", "retry_cancelled=0.5")
    truth = check(bare_source)
    assert {name for name, _ in truth} == set(NAMES.values()), "the simulator left a metric out"


def test_truth_knows_truncates_deletes_ids_used_again_and_runs_from_before_the_audit(bare_source):
    execute = bare_source.execute
    execute("ALTER TABLE pipeline_run DISABLE TRIGGER USER")
    old = [bare_source.insert_run(status=status) for status in ("RUNNING", "FAILED", "FAILED")]
    execute("ALTER TABLE pipeline_run ENABLE TRIGGER USER")
    execute("UPDATE pipeline_run SET updated_at = now()")  # the first sight of the old ones
    execute("UPDATE pipeline_run SET status = 'COMPLETED' WHERE id = %s", [old[0]])
    execute("UPDATE pipeline_run SET status = 'INITIAL' WHERE id = %s", [old[1]])
    check(bare_source)
    bare_source.simulate("--runs", 50, "--rate", 0, "--seed", 5)
    execute("TRUNCATE pipeline_run RESTART IDENTITY CASCADE")
    assert not [name for name, _ in check(bare_source) if name.endswith("_active")]
    bare_source.simulate("--runs", 50, "--rate", 0, "--seed", 6, "--odds", "stuck=0.3")
    assert [name for name, _ in check(bare_source) if name.endswith("_active")]


# Of one run: what was done to it, and what the truth must say of it.
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


def said(truth):
    """The truth of one run by short names."""
    short = {}
    for (name, labels), value in truth.items():
        label = dict(labels)
        for known, key in (("created_count", "created"), ("started_count", "started"),
                           ("finished_count", "finished"), ("retried_count", "retried"),
                           ("skipped_count", "skipped"), ("duration_seconds_count", "durations"),
                           ("duration_seconds_sum", "seconds"), ("run_active", "active"),
                           ("queue_time_seconds_count", "queued"), ("active_age", "ages"),
                           ("queue_time_seconds_sum", "queue seconds"), ("failures", "failures")):
            if known in name:
                short[key] = short.get(key, 0) + (1 if key == "ages" else value)
                for more in ("status", "by"):
                    if more in label:
                        short[f"{key} {label[more]}"] = value
    return short


@pytest.mark.parametrize("history", HISTORIES)
def test_truth_of_one_run(bare_source, history):
    statements, wanted = HISTORIES[history]
    trigger = bare_source.execute("INSERT INTO pipeline_schedule (name) VALUES ('x') RETURNING id")
    bare_source.insert_run(pipeline_schedule_id=trigger[0][0])
    for statement in statements:
        bare_source.execute(statement)
    found = said(check(bare_source))
    for key, value in wanted.items():
        low, high = value if isinstance(value, tuple) else (value, value)
        assert low <= found.get(key, 0) <= high, (key, value, found)


def test_a_run_is_born_when_its_insert_is_committed(bare_source):
    """Not when the transaction began, which is what created_at says."""
    with bare_source.connect() as connection, connection.transaction():
        connection.execute("SELECT 1")
        connection.execute(WAIT)
        connection.execute("INSERT INTO pipeline_run (pipeline_uuid, status) VALUES ('x', 'INITIAL')")
    bare_source.execute(RUNNING)
    assert 0 <= said(check(bare_source))["queue seconds"] < 1


def test_the_same_seed_writes_the_same_changes(bare_source, server):
    told = []
    for _ in range(2):
        bare_source.simulate("--runs", 150, "--rate", 0, "--seed", 42)
        told.append(bare_source.execute(
            "SELECT op, id, status::text, pipeline, trigger, passed_sla, partner "
            "FROM walpulse_truth.audit ORDER BY seq"))
        bare_source.drop()
        bare_source.create()
    assert told[0] == told[1]


def test_a_stopped_simulation_ends_after_its_transaction_with_a_summary(bare_source):
    simulation = bare_source.start_simulation("--rate", 200, "--seed", 1)
    wait_until(lambda: bare_source.execute("SELECT count(*) FROM pipeline_run")[0][0] > 20, 20,
               "twenty runs")
    assert simulation.stop() == 0
    assert "runs," in simulation.text() and "seed 1" in simulation.text()
    check(bare_source)


def test_a_wrong_flag_of_the_simulator_is_a_usage_error_that_names_it(bare_source):
    done = run("mage_sim", "run", "--dsn", bare_source.owner_dsn, "--odds", "fail=2")
    assert done.returncode == 64 and "--odds" in done.stderr and "fail=0.5" in done.stderr
