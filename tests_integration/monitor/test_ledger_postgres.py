"""The ledger in PostgreSQL: shared by monitors that are killed, on a server that comes and goes."""
import json
import pathlib
import random
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from harness import chaos_delivery
from harness.flow import PROCESSED, REDELIVERY_SETTLE, Fleet, Monitor
from harness.programs import fetch, run, wait_until
from stand_ins.fault_proxy import FaultProxy


INSERT = pathlib.Path(__file__).parents[2] / "tests/decoder/schema/golden/insert.json"


def rejected_count(server, name):
    return int(server.psql("SELECT count(*) FROM walpulse_ledger.rejected", name))


def wait_exact(source, monitor, seconds=180):
    """Every series is the truth's, each change was applied once, and some came again."""
    monitor.wait_equal(source, seconds)
    changes = source.change_count()
    monitor.wait_total(changes, PROCESSED, outcome="applied")
    for outcome in ("invalid", "conflict", "pruned"):
        assert monitor.total(PROCESSED, outcome=outcome) == 0


def keep_killing(monitors, while_running, rng, pause=(0.3, 1.5)):
    kills = 0
    while while_running():
        time.sleep(rng.uniform(*pause))
        victim = rng.choice(monitors)
        victim.program.kill()
        kills += 1
        victim.start()
    return kills


def test_three_monitors_that_all_get_everything_and_are_killed_stay_exact(
        source, programs, emulator, topic, shared, ledger_server):
    """Each pulls a subscription of its own, so that every event comes three times at least."""
    name, url = topic
    monitors = []
    for number in range(3):
        subscription = emulator.create_subscription(f"{name}-{number}", name, ack_seconds=10)
        monitors.append(Monitor(programs, shared[1], "--subscription", subscription, "--settle",
                                REDELIVERY_SETTLE, env=emulator.environment()))
    source.connector(url, env=emulator.environment())
    simulation = source.start_simulation("--runs", 1_500, "--rate", 150, "--pipelines", 20,
                                         "--concurrency", 4, "--seed", 41)
    kills = keep_killing(monitors, simulation.running, random.Random(41))
    assert simulation.wait(10) == 0, simulation.text()
    assert kills >= 5
    fleet = Fleet(monitors)
    wait_exact(source, fleet)
    source.wait_confirmed()
    wait_until(lambda: fleet.total(PROCESSED, outcome="unchanged") >= 2 * source.change_count(),
               120, lambda: f"{fleet.total(PROCESSED, outcome='unchanged')} duplicates")
    wait_exact(source, fleet, 30)
    assert rejected_count(ledger_server, shared[0]) == 0


@pytest.mark.statement("S31")
def test_late_and_doubled_events_at_two_monitors_at_once_leave_the_ordered_logs_counters(
        source, programs, emulator, topic, shared):
    name, url = topic
    emulator.create_subscription(f"{name}-relay", name)
    monitors = [Monitor(programs, shared[1], "--settle", "20s") for _ in range(2)]
    source.connector(url, env=emulator.environment())
    source.simulate("--runs", 400, "--rate", 0, "--pipelines", 10, "--seed", 42,
                    "--odds", "stuck=0.05")
    messages, others = chaos_delivery.changes(emulator, f"{name}-relay", source.change_count())
    chaos_delivery.deliver_in(range(len(others)), others, f"{monitors[0].url}/push")
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(chaos_delivery.deliver, messages, f"{monitor.url}/push", seed)
                     for seed, monitor in enumerate(monitors)]:
            done.result()
    print(f"{4 * len(messages)} messages in {time.monotonic() - begun:.1f} s")
    # What is late settles as the source's clock moves on: the connector's heartbeats carry it.
    with chaos_delivery.passing_on(emulator, f"{name}-relay", f"{monitors[0].url}/push"):
        wait_exact(source, Fleet(monitors))


@pytest.mark.statement("S32")
def test_a_ledger_server_that_stops_rejects_nothing_and_is_found_again(
        source, programs, emulator, topic, shared, ledger_server):
    name, url = topic
    subscription = emulator.create_subscription(f"{name}-pull", name, ack_seconds=10)
    settle = "--settle", REDELIVERY_SETTLE
    monitors = [Monitor(programs, shared[1], *settle),
                Monitor(programs, shared[1], *settle, "--subscription", subscription,
                        env=emulator.environment())]
    source.connector(url, env=emulator.environment())
    simulation = source.start_simulation("--runs", 600, "--rate", 60, "--seed", 43)
    body = {"message": {"data": "bm8gZXZlbnQ=", "messageId": "no-event"}}
    for mode in ("immediate", "fast"):
        wait_until(lambda: Fleet(monitors).total(PROCESSED) > 100, 60, "events are counted")
        ledger_server.shut(mode)
        try:
            for monitor in monitors:
                wait_until(lambda: fetch(f"{monitor.url}/readiness", 10)[0] == 503, 30,
                           lambda: fetch(f"{monitor.url}/readiness", 10))
                assert chaos_delivery.push(f"{monitor.url}/push", body) == 503
                assert fetch(f"{monitor.url}/liveness")[0] == 200
        finally:
            ledger_server.start()
        for monitor in monitors:
            wait_until(monitor.ready, 30, lambda: fetch(f"{monitor.url}/readiness", 10))
            assert monitor.program.running()
    assert simulation.wait(120) == 0, simulation.text()
    wait_exact(source, Fleet(monitors))
    assert rejected_count(ledger_server, shared[0]) == 0


@pytest.mark.statement("S32")
def test_a_half_open_network_to_the_ledger_is_found_and_left(source, programs, shared,
                                                             ledger_server):
    with FaultProxy(ledger_server.port) as proxy:
        monitor = Monitor(programs, proxy.dsn(shared[1]))
        source.connector(f"{monitor.url}/push")
        source.insert_run()
        monitor.wait_equal(source)
        proxy.half_open()
        source.insert_run()
        wait_until(lambda: fetch(f"{monitor.url}/readiness", 10)[0] == 503, 45,
                   lambda: fetch(f"{monitor.url}/readiness", 10))
        proxy.restore()
        monitor.wait_equal(source, 60)
        wait_until(monitor.ready, 30, lambda: fetch(f"{monitor.url}/readiness", 10))
        proxy.reset()
        source.insert_run()
        monitor.wait_equal(source, 60)
        assert monitor.program.running()


def test_terminated_backends_of_the_ledger_lose_and_double_nothing(source, programs, shared,
                                                                   ledger_server):
    monitors = [Monitor(programs, shared[1]) for _ in range(2)]
    source.connector(f"{monitors[0].url}/push")
    simulation = source.start_simulation("--runs", 400, "--rate", 100, "--seed", 44)
    while simulation.running():
        time.sleep(0.2)
        ledger_server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                           f"WHERE datname = '{shared[0]}'")
    assert simulation.wait(10) == 0, simulation.text()
    wait_exact(source, Fleet(monitors))
    assert rejected_count(ledger_server, shared[0]) == 0


def test_a_monitor_that_is_stopped_amid_a_transaction_holds_nobody_up_for_long(
        source, programs, shared, ledger_server):
    """The server ends the transaction; what it had not committed comes again."""
    monitors = [Monitor(programs, shared[1]) for _ in range(2)]
    connector = source.connector(f"{monitors[0].url}/push")
    simulation = source.start_simulation("--runs", 300, "--rate", 50, "--seed", 46)
    in_transaction = ("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                      f"'{shared[0]}' AND state LIKE 'idle in transaction%'")

    def stopped_amid():
        monitors[0].program.signal(signal.SIGSTOP)
        if ledger_server.psql(in_transaction) != "0":
            return True
        monitors[0].program.signal(signal.SIGCONT)
        return False

    wait_until(stopped_amid, 60, "the monitor is stopped amid a transaction", pause=0.02)
    body = {"message": {"data": "bm8gZXZlbnQ=", "messageId": "no-event"}}
    wait_until(lambda: chaos_delivery.push(f"{monitors[1].url}/push", body, 40) == 204, 60,
               "the other monitor commits")
    monitors[0].program.signal(signal.SIGCONT)
    assert simulation.wait(60) == 0, simulation.text()
    Fleet(monitors).wait_equal(source)
    assert connector.running() and monitors[0].program.running()


def test_a_ledger_beside_mages_tables_is_exact_and_is_not_captured(source, programs, server):
    server.psql(f"GRANT CREATE ON DATABASE {source.name} TO walpulse")
    monitor = Monitor(programs, source.dsn)
    source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 100, "--rate", 0, "--seed", 45)
    wait_exact(source, monitor)
    source.wait_confirmed()
    done = run("walpulse-monitor", "doctor", "--ledger", source.dsn)
    assert done.returncode == 0 and "none captures the ledger's tables" in done.stdout, done.stdout


def test_doctor_names_a_publication_that_would_capture_the_ledger(server, programs, bare_source):
    name, dsn = bare_source.name, bare_source.dsn
    server.psql(f"GRANT CREATE ON DATABASE {name} TO walpulse")
    server.psql("CREATE PUBLICATION everything FOR ALL TABLES", name)
    done = run("walpulse-monitor", "doctor", "--ledger", dsn)
    assert done.returncode == 1, done.stdout
    assert "DROP PUBLICATION \"everything\"" in done.stdout
    server.psql("DROP PUBLICATION everything", name)
    assert run("walpulse-monitor", "doctor", "--ledger", dsn).returncode == 0
    Monitor(programs, dsn)
    server.psql("CREATE PUBLICATION by_name FOR TABLE walpulse_ledger.series", name)
    done = run("walpulse-monitor", "doctor", "--ledger", dsn)
    assert done.returncode == 1, done.stdout
    remedy = 'ALTER PUBLICATION "by_name" DROP TABLE "walpulse_ledger"."series"'
    assert remedy in done.stdout, done.stdout
    server.psql(remedy, name)
    assert run("walpulse-monitor", "doctor", "--ledger", dsn).returncode == 0


def test_doctor_says_that_the_ledgers_server_is_away(ledger_server):
    dsn = "host=127.0.0.1 port=1 dbname=ledger user=ledger"
    done = run("walpulse-monitor", "doctor", "--ledger", dsn)
    assert done.returncode == 1 and "FAIL  server" in done.stdout, done.stdout
    served = run("walpulse-monitor", "serve", "--ledger", dsn)
    assert served.returncode == 69, served.stdout + served.stderr


def test_the_ledgers_password_is_never_shown(programs, ledger_server, shared):
    ledger_server.psql("ALTER ROLE ledger PASSWORD 'hunter2'")
    env = {"WALPULSE_LEDGER": f"postgresql://ledger:hunter2@127.0.0.1:{ledger_server.port}/"
                              + shared[0]}
    done = run("walpulse-monitor", "doctor", env=env)
    assert done.returncode == 0 and "hunter2" not in done.stdout + done.stderr, done.stdout
    program = programs.start("walpulse-monitor", "serve", "--http-port", 0, env=env)
    wait_until(lambda: "serving" in program.text(), 20, program.text)
    assert "schema walpulse_ledger" in program.text()
    assert "hunter2" not in program.text()


def push(monitor, run):
    """One insert; (status, what the answer says)."""
    event = json.loads(INSERT.read_text())
    event["after"]["id"] = run
    message = {"data": json.dumps(event).encode(), "messageId": str(run)}
    request = urllib.request.Request(f"{monitor.url}/push",
                                     json.dumps(chaos_delivery.envelope(message)).encode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("table", ["lock_ledger", "run", "series"])
def test_a_locked_ledger_is_told_within_seconds(programs, shared, ledger_server, table):
    monitor = Monitor(programs, shared[1])
    assert push(monitor, 1)[0] == 204
    with psycopg.connect(ledger_server.dsn(shared[0])) as session:
        session.execute(f"LOCK TABLE walpulse_ledger.{table} IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        status, answer = push(monitor, 2)
        took = time.monotonic() - begun
        assert status == 503 and "the ledger is locked" in answer, answer
        assert took < 20, "3 s, and what a busy machine adds; it was minutes"
        assert "another session has locked the ledger" in monitor.program.text()
    wait_until(lambda: push(monitor, 2)[0] == 204, 30, monitor.program.text)
    monitor.wait_total(2, PROCESSED, outcome="applied")
    assert rejected_count(ledger_server, shared[0]) == 0


def test_who_has_no_right_to_the_ledger_cannot_lock_it(programs, shared, ledger_server):
    """Advisory locks are anybody's: walpulse's could be held for ever by whoever may connect."""
    monitor = Monitor(programs, shared[1])
    ledger_server.psql("CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA walpulse_ledger TO stranger", shared[0])
    with psycopg.connect(ledger_server.dsn(shared[0], "stranger"), autocommit=True) as stranger:
        for number in range(4):  # what builds up to November 2026 took
            stranger.execute("SELECT pg_advisory_lock(%s, 877531360)", [2003856384 + number])
        for table in ("ledger", "labels", "connectors", "deliveries"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), stranger.transaction():
                stranger.execute(f"LOCK TABLE walpulse_ledger.lock_{table} IN ACCESS SHARE MODE")
        assert push(monitor, 1)[0] == 204
