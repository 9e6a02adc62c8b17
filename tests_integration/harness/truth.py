"""The SQL truth (mage_sim truth), computed a second time: a walk over the log in order with the row
before at hand."""
import datetime
from collections import Counter, defaultdict

from harness.metrics import NAMES

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


def last_states(source):
    """By run: its pipeline, its status, when it ended (nothing while it goes on), whether its row is there."""
    runs = {}
    for op, run, status, pipeline, commit in source.execute(
            "SELECT op, id, status, pipeline, walpulse_truth.committed_at(xid, at) "
            "FROM walpulse_truth.audit ORDER BY seq"):
        if op == "t":
            runs = {one: {**state, "there": False} for one, state in runs.items()}
        elif op == "d":
            runs[run] = {**runs[run], "there": False}
        else:
            known = runs.get(run)
            before = known["status"] if known and known["there"] and op == "u" else None
            ended = commit if status != before else known["ended"]
            runs[run] = {"pipeline": pipeline, "status": status, "there": True,
                         "ended": ended if status in TERMINAL else None}
    return runs


def ends(source):
    """{run: (pipeline, status, when)} of the runs that have ended, their rows there or not."""
    return {run: (state["pipeline"], state["status"],
                  state["ended"].astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
            for run, state in last_states(source).items() if state["ended"]}


def active(source):
    """The runs that go on."""
    return {run for run, state in last_states(source).items() if state["there"] and not state["ended"]}
