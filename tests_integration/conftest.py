"""What every test here needs: one server for all, an emulator for each file, a database for each test.

A test that fails shows the end of the log of each program that it started.
"""
import itertools
import os
import pathlib

import pytest

pytest.register_assert_rewrite("harness", "stand_ins")

from harness import flow, janitor, postgres
from harness.emulator import SHORT_LIVED, Emulator
from harness.postgres import Postgres
from statements import STATEMENTS

HERE = pathlib.Path(__file__).resolve().parent
names = itertools.count(1)

# They take minutes: begun first, they are not waited for at the end.
LONGEST = ("torture/test_torture.py", "monitor/test_problems.py", "monitor/test_ledger_postgres.py", "capture/test_kills.py",
           "capture/test_restarts.py", "monitor/test_ledger_lease.py", "monitor/test_rewrites.py",
           "capture/test_huge_transactions.py")


def pytest_configure(config):
    janitor.hire()
    config.option.loadscopereorder = False  # xdist's own order: files with many tests first
    config.addinivalue_line("markers", "core(group): also run on every version of PostgreSQL, by "
                                       "versions.py, which adds up the results of each group")
    config.addinivalue_line("markers", "statement(id, ...): what this shows: one of these, each of "
                                       "which is a mark too")
    for one, sentence in STATEMENTS.items():
        config.addinivalue_line("markers", f"{one}: {sentence}")
    config.addinivalue_line("markers", "since(major): of something that this version brought; left "
                                       "to versions.py where the server is older")


def pytest_unconfigure():
    janitor.dismiss()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node, ids):
    """A sign of life: the longest files come first, and the first dot may take minutes."""
    if node.gateway.id == "gw0":
        files = {one.partition("::")[0] for one in ids}
        reporter = node.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"{len(ids)} tests in {len(files)} files, the longest first")


def pytest_collection_modifyitems(config, items):
    def rank(item):
        name = item.path.relative_to(HERE).as_posix()
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    def newer(item):
        return any(mark.args[0] > version for mark in item.iter_markers("since"))

    version = postgres.major()
    config.hook.pytest_deselected(items=list(filter(newer, items)))
    items[:] = sorted(itertools.filterfalse(newer, items), key=rank)
    for item in items:
        if core := item.get_closest_marker("core"):
            item.user_properties.append(("group", core.args[0]))
        for shown in item.iter_markers("statement"):
            for one in shown.args:  # for -m S10
                item.add_marker(one)


@pytest.fixture(scope="session")
def server():
    """PostgreSQL with the two roles of a real installation: Mage's own, and capture's. A file that
    stops its server, or wants other settings, has a fixture of this name of its own."""
    with Postgres() as started:
        started.psql("CREATE ROLE mage LOGIN CREATEDB; CREATE ROLE walpulse LOGIN REPLICATION;")
        yield started


@pytest.fixture(scope="module")
def emulator():
    """For one file: it never lets go of what was published, and at last answers 503."""
    with Emulator(memory="1g", flags=SHORT_LIVED) as started:
        yield started


@pytest.fixture
def programs():
    """Start programs with this; whatever still runs at the test's end is killed."""
    started = flow.Programs()
    yield started
    started.kill_all()


@pytest.fixture
def ledger(programs):
    """A ledger of this test's own, in memory where the system has a folder there: the emulator
    pushes two messages at a time, and the tests kill programs, not machines."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with janitor.folder("ledger-", place) as folder:
        yield f"sqlite:{folder}/ledger"
        programs.kill_all()


@pytest.fixture
def sink():
    """A Pub/Sub that misbehaves on command."""
    from stand_ins.fault_sink import FaultSink  # half of what importing this file would take
    with FaultSink() as started:
        yield started


@pytest.fixture
def source(server, programs):
    """A database with Mage's tables, their audit, and capture set up."""
    made = flow.Source(server, f"mage_{next(names)}", programs)
    made.create()
    made.setup()
    yield made
    programs.kill_all()
    made.drop()


@pytest.fixture
def bare_source(server, programs):
    """As `source`, before `walpulse-connector setup`."""
    made = flow.Source(server, f"mage_{next(names)}", programs)
    made.create()
    yield made
    programs.kill_all()
    made.drop()


@pytest.fixture
def topic(emulator):
    """A topic of this test's own: (name, sink URL). Subscriptions go with it."""
    name = f"runs-{next(names)}"
    url = emulator.create_topic(name)
    yield name, url
    for subscription in emulator.call("GET", f"topics/{name}/subscriptions").get(
            "subscriptions", []):
        emulator.call("DELETE", "subscriptions/" + subscription.rsplit("/", 1)[1])
    emulator.call("DELETE", f"topics/{name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    programs = getattr(item, "funcargs", {}).get("programs")
    if report.when == "call" and report.failed and programs is not None:
        for program in programs.started:
            report.sections.append((f"log of {program.name} {program.pid}", program.text()))
    return report
