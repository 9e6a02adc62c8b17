"""Rules held against what a ledger has seen, and a first file made of it."""
import json
import re

import pytest

from harness.flow import Monitor
from harness.programs import run

pytestmark = pytest.mark.statement("rules")

# As a pattern, or within quotes of TOML, each would mean something else.
HOSTILE = ["a*b", "{team}_x", "?[ab]", "back\\slash", "!not", 'quo"ted', "'#", "[[pipeline]]", "über"]
RUNS_TO_JUDGE = 8


def rules(*arguments):
    return run("walpulse-monitor", "rules", *arguments)


def complete(source, pipeline, count=RUNS_TO_JUDGE, **columns):
    for _ in range(count):
        one = source.insert_run(pipeline_uuid=pipeline, **columns)
        source.execute("UPDATE pipeline_run SET status = 'RUNNING', started_at = now() WHERE id = %s", [one])
        source.execute("UPDATE pipeline_run SET status = 'COMPLETED', completed_at = now() WHERE id = %s", [one])


def uncommented(text):
    """As a person takes the marks away."""
    return re.sub(r"^#(?=[^ \n])", "", text, flags=re.M)


@pytest.fixture
def filled(bare_source, programs, ledger):
    """A ledger that has seen runs, triggers and labels, and whose monitor has stopped."""
    bare_source.setup(alone=False)
    monitor = Monitor(programs, ledger)
    connector = bare_source.connector(f"{monitor.url}/push")
    bare_source.simulate("--runs", 150, "--rate", 0, "--seed", 5, "--pipelines", 6)
    for name in HOSTILE:
        complete(bare_source, name)
    for partner in ("acme", "globex"):
        complete(bare_source, "of_partners", variables=json.dumps({"partner": partner}))
    monitor.wait_equal(bare_source)
    assert connector.stop() == 0 and monitor.program.stop() == 0
    return ledger


def test_a_suggestion_is_in_order_as_it_stands_and_without_its_marks(filled, bare_source, tmp_path):
    done = rules("suggest", "--ledger", filled)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "rules.toml"
    path.write_text(done.stdout)
    as_it_stands = rules("check", path)
    assert as_it_stands.stdout == f"{path}: 0 tables in 1 file, 0 expectations, no mistakes\n"

    path.write_text(uncommented(done.stdout))
    held = rules("check", path, "--ledger", filled)
    assert held.returncode == 0, held.stderr
    tables = done.stdout.count("#[[pipeline]]")
    assert tables > len(HOSTILE)
    matched = re.findall(rf"^{path}:\d+: matches (\d+) of (\d+) pipelines$", held.stdout, re.M)
    assert len(matched) == tables and {count for count, _ in matched} == {"1"}, "each its own and no other"
    for name in HOSTILE:
        explained = rules("explain", path, "--pipeline", name)
        assert re.search(r"^max_duration +5m ", explained.stdout, re.M), (name, explained.stdout)
    assert "#fresh_within = " in done.stdout
    assert re.search(r"^per +partner ", rules("explain", path, "--pipeline", "of_partners").stdout, re.M)

    path.write_text(re.sub(r"#.*", "", done.stdout))
    assert rules("check", path).returncode == 0


def test_rules_are_held_against_the_ledger_only_where_a_flag_names_it(filled, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('[[pipeline]]\nmatch = "über"\nteam = "a"\n[[pipeline]]\nmatch = "gone_*"\nteam = "b"\n')
    done = rules("check", path, "--ledger", filled)
    assert done.returncode == 0, done.stderr
    total = re.search(rf"^{path}:1: matches 1 of (\d+) pipelines$", done.stdout, re.M)[1]
    assert f"{path}:4: warning: matches 0 of {total} pipelines\n" in done.stderr
    assert re.search(rf"^{int(total) - 1} pipelines match no table: '!not', ", done.stdout, re.M)
    assert done.stdout.endswith(f"{path}: 2 tables in 1 file, 0 expectations, no mistakes\n")

    alone = run("walpulse-monitor", "rules", "check", path, env={"WALPULSE_LEDGER": "sqlite:/no/such.db"})
    assert alone.returncode == 0 and "matches" not in alone.stdout and not alone.stderr
    path.write_text('[[pipeline]]\nteam = 1\n')
    broken = rules("check", path, "--ledger", "sqlite:/no/such.db")
    assert broken.returncode == 1, "mistakes come first"


def test_a_file_that_exists_is_not_written_over(filled, tmp_path):
    path = tmp_path / "rules.toml"
    done = rules("suggest", "--ledger", filled, "--output", path)
    assert done.returncode == 0 and not done.stdout
    text = path.read_text()
    assert text == rules("suggest", "--ledger", filled).stdout
    path.write_text("mine")
    again = rules("suggest", "--ledger", filled, "--output", path)
    assert again.returncode == 1 and "exists already" in again.stderr and path.read_text() == "mine"
    for impossible in (tmp_path / "none/rules.toml", "/dev/full", tmp_path):
        assert rules("suggest", "--ledger", filled, "--output", impossible).returncode == 1


def test_of_an_empty_ledger_nothing_is_suggested(programs, ledger, tmp_path):
    monitor = Monitor(programs, ledger)
    held = rules("suggest", "--ledger", ledger)
    assert held.returncode == 0 and not held.stdout, "it is read beside the monitor that holds it"
    assert monitor.program.stop() == 0
    path = tmp_path / "rules.toml"
    done = rules("suggest", "--ledger", ledger, "--output", path)
    assert done.returncode == 0 and not done.stdout and not path.exists()
    assert done.stderr.splitlines()[-1] == \
        "walpulse-monitor: the ledger knows no pipeline yet: there is nothing to suggest"
    assert rules("suggest", "--ledger", "sqlite:/no/such.db").returncode == 69


def test_a_ledger_in_postgresql_serves_meanwhile(programs, shared, tmp_path):
    monitor = Monitor(programs, shared[1])
    path = tmp_path / "rules.toml"
    path.write_text('[[pipeline]]\nteam = "a"\n')
    done = rules("check", path, "--ledger", shared[1])
    assert done.returncode == 0 and "knows no pipeline yet" in done.stderr, done.stderr
    assert monitor.ready() and monitor.program.stop() == 0
    assert rules("check", path, "--ledger", "postgresql://127.0.0.1:1/none").returncode == 69
