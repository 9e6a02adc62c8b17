"""The pages' samples beside what the programs print. A sample is a block that begins with `$ command`. Numbers,
times and positions differ at each run; the rest of each line must be printed, in the sample's order."""
import contextlib
import os
import re
import subprocess
import sys

import pytest

from harness.deploy_files import ROOT
from harness.flow import Monitor, Source
from harness.programs import run

PAGES = ["README.md", "connector/replay/README.md"]
REPLAY = "connector/replay/README.md"

pytestmark = pytest.mark.statement("deploy")


def samples(page):
    """{command: lines} of a page's blocks; what a command prints stands below it."""
    found = {}
    for block in re.findall(r"^```\n(\$ .*?)^```", (ROOT / page).read_text(), re.S | re.M):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, *lines = part.splitlines()
            found[command] = [line for line in lines if line.strip()]
    return found


def sample(page, name):
    """The one of a page whose command holds `name`."""
    (lines,) = [lines for command, lines in samples(page).items() if name in command]
    return lines


def shape(line):
    """What does not change from run to run."""
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line)
    line = re.sub(r"\b[0-9A-F]+/[0-9A-F]+\b", "LSN", line)
    line = re.sub(r"\d[\d,.]*( (B|KiB|MiB|GiB))?\b", "N", line)
    line = re.sub(r"(commit to metric) +(-|N ms)", r"\1 T", line)  # a slow machine is still reading the history
    return re.sub(r"\s+", " ", line).strip()


def missing(lines, printed):
    """The first of the sample's lines that was not printed after the one before it; `...` stands for what
    is left out. A log line has the time and the severity before it."""
    left = iter([shape(line) for line in printed.splitlines()])
    for line in lines:
        wanted = shape(line).removesuffix("...").strip()
        cut = line.strip().endswith("...")
        if not any(wanted in one if cut else one.endswith(wanted) for one in left):
            return line
    return None


def test_a_sample_that_lies_is_seen():
    assert missing(["rows=7 at 0/1A2B", "...", "done in 3 s ..."],
                   "rows=12 at 2/FF\nsomething\ndone in 12.5 s, well") is None
    assert missing(["rows=7", "lines=7"], "lines=1\nrows=1") == "lines=7"
    assert missing(["rows=7"], "row=7") == "rows=7"
    assert missing(["done"], "done, well") == "done"
    assert missing(["commit to metric   19 ms   lag 1"], "commit to metric       -   lag 2") is None
    assert missing(["commit to metric   19 ms   lag 1"], "commit to metric   19   lag 2") is not None


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_sample_is_tried_here_but_make_test(page):
    tried = {"make demo", "status", "replay", "snapshot", "recover"}
    for command in samples(page):
        assert command == "make test" or any(one in command for one in tried), command


def test_the_demo_prints_what_the_readme_shows():
    done = subprocess.run([sys.executable, ROOT / "deploy/demo/demo.py", "--seconds", "20", "--seed", "1"],
                          env={**os.environ, "COLUMNS": "120"}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    lines = sample("README.md", "make demo")
    assert len(lines) > 30 and missing(lines, done.stdout) is None, done.stdout


@pytest.fixture
def monitor(programs, ledger):
    return Monitor(programs, ledger)


@pytest.fixture
def mage(server, programs):
    """The pages' own database, with their names and the default slot."""
    source = Source(server, "mage", programs)
    source.slot = "walpulse"
    source.create()
    yield source
    for name in ("walpulse", "walpulse_anchor"):
        with contextlib.suppress(RuntimeError):
            server.psql(f"SELECT pg_drop_replication_slot('{name}')")
    source.drop()


def test_replay_snapshot_and_recover_print_what_the_pages_show(mage, monitor):
    env = {"WALPULSE_DSN": mage.dsn}
    owner = ["--admin-dsn", mage.owner_dsn]
    to = ["--to", f"{monitor.url}/push"]

    def printed(*arguments):
        done = run("walpulse-connector", *arguments, "--log-format", "text", env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    printed("setup", *owner)
    first = mage.connector(to[1], label=None)
    mage.simulate("--runs", 5, "--rate", 0, "--seed", 6)
    mage.wait_confirmed()
    assert first.stop() == 0
    since = mage.server.psql("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                             "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
    connector = mage.connector(to[1], label=None)
    mage.simulate("--runs", 40, "--rate", 0, "--seed", 7)
    mage.wait_confirmed()
    assert missing(sample(REPLAY, "status"), printed("status")) is None
    replayed = printed("replay", "--from", since, *to)
    for page in PAGES:
        assert missing(sample(page, "replay --from"), replayed) is None, replayed
    assert missing(sample(REPLAY, "snapshot"), printed("snapshot", *to)) is None
    assert connector.stop() == 0
    mage.server.psql("SELECT pg_drop_replication_slot('walpulse')")
    recovered = printed("recover", "--yes", *owner, *to)
    assert missing(sample(REPLAY, "recover"), recovered) is None, recovered
