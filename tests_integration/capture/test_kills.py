"""The connector dies at any moment, and what was committed is on the topic all the same;
what is on the topic twice is the same both times; and nothing is confirmed that is not there."""
import random
import signal

import pytest

from harness.confirmations import Confirmations
from harness.programs import wait_until
from stand_ins.fault_proxy import FORTH, FaultProxy
from stand_ins.fault_sink import FEW_IDS, HALF_A_BODY, HANG, RESET, SLOW, TAKE_AND_HANG

KILLS = 10
ROWS = 100_000


def start(source, sink, *arguments):
    return source.connector(sink.url(), *arguments, env=sink.environment())


@pytest.mark.statement("S1")
def test_killed_at_random_under_load_nothing_is_lost_and_nothing_confirmed_early(source, sink):
    rng = random.Random(1)
    simulation = source.start_simulation("--duration", "600s", "--rate", 400, "--seed", 1)
    connector = start(source, sink)
    with Confirmations(source) as confirmations:
        for number in range(KILLS):
            seen = sink.taken_count + rng.randrange(1, 400)
            sink.behave(SLOW if number % 2 else "accept")
            wait_until(lambda: sink.taken_count >= seen, 30, connector.text, pause=0.001)
            connector.kill()
            connector.start()
        sink.behave("accept")
        assert simulation.stop() == 0, simulation.text()
        sink.wait_for(source.change_count(), what=connector.text)
        source.wait_confirmed()
    assert sink.repeated_count > 0, "no kill came between an answer and its confirmation"
    sink.check(source.change_count())
    confirmations.check(sink)


# A request to the sink, and the points of it at which a process may be struck.
POINTS = pytest.mark.parametrize("behaviour, arguments", [
    (HANG, []), (RESET, []), (TAKE_AND_HANG, []), (HALF_A_BODY, []),
    (FEW_IDS, ["--ordering-keys", 1])], ids=[
    "before the request is read", "in the middle of the request", "before the answer",
    "in the middle of the answer", "in the middle of a batch"])


def strike_point(source, sink, connector, behaviour, arguments):
    """Brings the connector there with 2,000 rows; returns the end of the log behind them."""
    sink.behave(behaviour)
    before = sink.requests
    source.insert_runs(2_000)
    lsn = source.end_of_log()
    sink.wait_for_requests(before + (1 if arguments else 8))  # one of each lane
    taken = behaviour in (TAKE_AND_HANG, HALF_A_BODY, FEW_IDS)
    wait_until(lambda: not taken or sink.taken_count > 1, 20, connector.text, pause=0.001)
    return lsn


@pytest.mark.statement("S1")
@POINTS
def test_killed_around_a_publish_request(source, sink, behaviour, arguments):
    connector = start(source, sink, *arguments)
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()  # else it comes again, whatever the blow does
    with Confirmations(source) as confirmations:
        lsn = strike_point(source, sink, connector, behaviour, arguments)
        connector.kill()
        assert not source.confirmed(lsn)
        sink.behave("accept")
        connector.start()
        sink.wait_for(2_001, what=connector.text)
        source.wait_confirmed()
    assert (sink.repeated_count > 0) == (behaviour in (TAKE_AND_HANG, HALF_A_BODY, FEW_IDS))
    sink.check(2_001)
    confirmations.check(sink)


@pytest.mark.statement("S1")
@POINTS
def test_stopped_around_a_publish_request_until_the_server_gave_it_up(
        source, server, sink, behaviour, arguments):
    """Stopped there, the walsender ends it after its timeout; continued, it goes on by itself."""
    server.psql(f"ALTER ROLE walpulse IN DATABASE {source.name} SET wal_sender_timeout = '2s'")
    connector = start(source, sink, *arguments)
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()  # else it comes again, whatever the blow does
    with Confirmations(source) as confirmations:
        lsn = strike_point(source, sink, connector, behaviour, arguments)
        connector.signal(signal.SIGSTOP)
        wait_until(lambda: not server.psql("SELECT pid FROM pg_stat_replication"), 30,
                   "the walsender gives it up")
        assert not source.confirmed(lsn)
        sink.behave("accept")
        connector.signal(signal.SIGCONT)
        sink.wait_for(2_001, what=connector.text)
        source.wait_confirmed()
    assert connector.running()
    sink.check(2_001)
    confirmations.check(sink)


@pytest.mark.statement("S1")
def test_killed_between_the_answer_and_the_confirmation(source, server, sink):
    """The server hears nothing from the connector any more, while the sink acknowledges all."""
    with FaultProxy(server.port) as proxy:
        source.dsn = proxy.dsn(source.dsn)
        connector = start(source, sink)
        source.insert_run()
        sink.wait_for(1, what=connector.text)
        source.wait_confirmed()
        with Confirmations(source) as confirmations:
            proxy.half_open(FORTH)
            source.insert_runs(500)
            lsn = source.end_of_log()
            sink.wait_for(501, what=connector.text)
            connector.kill()
            assert not source.confirmed(lsn)
            proxy.reset()  # what it holds back does not arrive
            proxy.restore()
            connector.start()
            wait_until(lambda: sink.repeated_count == 500, 30, connector.text)
            source.wait_confirmed()
    sink.check(501)
    confirmations.check(sink)


def killed(connector, source, server):
    connector.kill()
    connector.start()


def stopped(connector, source, server):
    assert connector.stop() == 0, connector.text()
    connector.start()


def terminated(connector, source, server):
    with source.connect(user="postgres") as connection:  # psql would take its time to start
        connection.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots "
                           "WHERE slot_name = %s", [source.slot])


@pytest.mark.statement("S5")
@pytest.mark.parametrize("end", [killed, stopped, terminated])
def test_a_restart_in_the_middle_of_a_transaction_repeats_it_whole(source, server, sink, end):
    connector = start(source, sink, "--pending-bytes", "1MiB")  # little is read before it is sent
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()  # else it comes again, whatever the blow does
    with Confirmations(source) as confirmations:
        source.insert_runs(ROWS)
        wait_until(lambda: sink.taken_count > ROWS / 4, 60, connector.text, pause=0.001)
        end(connector, source, server)
        assert sink.taken_count < ROWS, "the transaction was through before its end came"
        source.insert_run()
        sink.wait_for(ROWS + 2, 120, connector.text)
        source.wait_confirmed()
    assert sink.repeated_count >= ROWS / 4, "the whole transaction comes again"
    sink.check(ROWS + 2)
    confirmations.check(sink)
