"""Transactions that are open, or write no row at first, while the connector stops and starts: all
of each comes, once it is committed."""
import pytest

from harness.flow import stdout_events

pytestmark = pytest.mark.statement("open-transactions")

INSERT = "INSERT INTO pipeline_run (pipeline_uuid, status) VALUES (%s, 'INITIAL')"


def connector_of(source, sink):
    return source.connector(sink.url(), env=sink.environment())


@pytest.mark.core("transactions")
@pytest.mark.parametrize("rows", [1, 3, 2_000])
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_transaction_that_was_open_when_a_later_one_was_confirmed_comes_whole(source, sink, rows,
                                                                                end):
    """The slot's position passes what it has not yet seen committed, but not its beginning."""
    connector = connector_of(source, sink)
    with source.connect() as first, source.connect() as second:
        first.autocommit = False
        for number in range(rows):
            first.execute(INSERT, [f"a{number}"])
        second.execute(INSERT, ["b"])
        sink.wait_for(1, what=connector.text)
        source.wait_confirmed()
        for number in range(rows):
            first.execute(INSERT, [f"a{rows + number}"])
        if end == "stop":
            assert connector.stop() == 0, connector.text()
        else:
            connector.kill()
        first.commit()
    connector.start()
    sink.wait_for(1 + 2 * rows, what=connector.text)
    source.wait_confirmed()
    sink.check(1 + 2 * rows)
    by_commit = {}
    for event in sink.ids():
        by_commit.setdefault(event.split("/")[3], []).append(int(event.split("/")[4]))
    assert sorted(map(sorted, by_commit.values())) == sorted([[0], list(range(2 * rows))])


@pytest.mark.core("transactions")
@pytest.mark.parametrize("place", ["before", "after", "around"])
@pytest.mark.parametrize("restart", ["committed while it is down", "committed while it runs",
                                     "open across the restart"])
def test_a_logical_message_in_a_transaction_hides_no_row_of_it(source, sink, place, restart):
    def emit(connection):
        connection.execute("SELECT pg_logical_emit_message(true, 'app', repeat('x', 10000))")

    connector = connector_of(source, sink)
    source.insert_run()
    sink.wait_for(1, what=connector.text)
    with source.connect() as connection:
        connection.autocommit = False
        if restart == "committed while it is down":
            assert connector.stop() == 0, connector.text()
        if place != "after":
            emit(connection)
        connection.execute(INSERT, ["beside a message"])
        if place != "before":
            emit(connection)
        if restart == "open across the restart":
            source.insert_run()
            sink.wait_for(2, what=connector.text)
            source.wait_confirmed()
            assert connector.stop() == 0, connector.text()
        connection.commit()
    if restart == "committed while it runs":
        assert connector.stop() == 0, connector.text()
    connector.start()
    source.insert_run()
    total = 4 if restart == "open across the restart" else 3
    sink.wait_for(total, what=connector.text)
    source.wait_confirmed()
    sink.check(total)


@pytest.mark.core("transactions")
def test_logical_messages_alone_are_confirmed_and_are_no_events(source, sink):
    connector = connector_of(source, sink)
    for transactional in ("true", "false"):
        source.execute(f"SELECT pg_logical_emit_message({transactional}, 'app', 'x')")
    source.insert_run(pipeline_uuid="the_last")
    sink.wait_for(1, what=connector.text)
    source.wait_confirmed()
    sink.check(1)
    assert connector.stop() == 0, connector.text()
    source.insert_run(pipeline_uuid="the_last")
    assert len(stdout_events(source)) == 1
