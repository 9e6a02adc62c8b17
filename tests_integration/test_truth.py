"""The judge is judged: the SQL truth against a second computation, written another way."""
from collections import Counter, defaultdict

from metrics import NAMES
from programs import run, wait_until

TERMINAL = {"COMPLETED", "FAILED", "CANCELLED"}
COLUMNS = ("op", "id", "created_at", "started_at", "status", "pipeline", "trigger", "passed_sla",
           "partner", "committed")


def lives_of_runs(rows):
    """{id: [life]}, a life being its rows in order; a finished list ends with [] when deleted."""
    runs = defaultdict(list)
    for row in rows:
        if row["op"] == "t":
            for lives in runs.values():
                lives.append([])
            continue
        lives = runs[row["id"]]
        if row["op"] == "d":
            lives.append([])
        elif row["op"] == "c" or not lives or not lives[-1] or (
                lives[-1][-1]["created_at"] != row["created_at"]):
            lives.append([row])
        else:
            lives[-1].append(row)
    return runs


def count_life(life, add):
    first = life[0]
    labels = {"pipeline": first["pipeline"], "trigger": first["trigger"]}
    if first["partner"] is not None:
        labels["partner"] = first["partner"]
    pipeline = {"pipeline": first["pipeline"]}
    status, missed, started = None, False, False
    if first["op"] != "c":
        status, missed = first["status"], bool(first["passed_sla"])
        started = first["started_at"] is not None
        life = life[1:]
    for row in life:
        if row["op"] == "c":
            add("pipeline_run/created_count", labels)
        if row["status"] != status:
            if row["status"] == "RUNNING":
                add("pipeline_run/started_count", labels)
                if row["started_at"] and not started:
                    add("pipeline_run/queue_time", {})
            if row["status"] in TERMINAL:
                add("pipeline_run/finished_count", {**labels, "status": row["status"]})
                if row["started_at"]:
                    add("pipeline_run/duration", {**pipeline, "status": row["status"]})
                elif row["status"] == "CANCELLED":
                    add("pipeline_run/skipped_count", pipeline)
            elif status in TERMINAL:
                add("pipeline_run/retried_count", pipeline)
        if row["passed_sla"] and not missed:
            add("pipeline_run/sla_missed_count", pipeline)
            missed = True
        status, started = row["status"], started or row["started_at"] is not None


def consecutive_failures(runs):
    """By pipeline: runs that ended FAILED after the last success, in commit order."""
    successes, failures = {}, []
    for lives in runs.values():
        lives = [life for life in lives if life]
        if not lives:
            continue
        name, failed = lives[-1][-1]["pipeline"], None
        for life in lives:
            failed, status = None, None
            for index, row in enumerate(life):
                place = row["committed"] if row["op"] == "c" or index > 0 else 0
                if row["status"] != status:
                    failed = place if row["status"] == "FAILED" else None
                    if row["status"] == "COMPLETED":
                        successes[name] = max(successes.get(name, -1), place)
                status = row["status"]
        if failed is not None:
            failures.append((name, failed))
    return Counter(name for name, place in failures if place > successes.get(name, -1))


def recompute(source):
    rows = [dict(zip(COLUMNS, row)) for row in source.execute(
        "SELECT op, id, created_at, started_at, status, pipeline, trigger, passed_sla, partner, "
        "row_number() OVER (ORDER BY pg_xact_commit_timestamp(xid), seq) FROM "
        "walpulse_truth.audit ORDER BY seq")]
    counts = Counter()

    def add(metric, labels):
        counts[NAMES[metric], frozenset(labels.items())] += 1

    runs = lives_of_runs(rows)
    for lives in runs.values():
        for life in filter(None, lives):
            count_life(life, add)
        if lives[-1] and lives[-1][-1]["status"] not in TERMINAL:
            last = lives[-1][-1]
            add("pipeline_run/active", {"pipeline": last["pipeline"], "status": last["status"]})
    for pipeline, failures in consecutive_failures(runs).items():
        counts[NAMES["pipeline/consecutive_failures"], frozenset({("pipeline", pipeline)})] = failures
    return dict(counts)


def check(source):
    truth, recomputed = source.truth(), recompute(source)
    assert truth == recomputed
    return truth


def test_truth_of_a_simulation_equals_an_independent_count(bare_source):
    bare_source.simulate("--runs", 800, "--rate", 0, "--pipelines", 6, "--seed", 11,
                         "--concurrency", 2, "--odds", "stuck=0.05", "--odds", "fail=0.4")
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
