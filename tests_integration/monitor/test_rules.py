"""The rules file by its commands: what is wrong is named, what is right is explained."""
import json
import os
import pathlib
import re
import subprocess

import pytest

from harness.deploy_files import ROOT
from harness.programs import bin_dir, clean_environment, run

pytestmark = pytest.mark.statement("rules")

README = (ROOT / "monitor/rules/README.md").read_text()
EVERY_KEY, AN_INCLUDE = re.findall(r"```toml\n(.*?)```", README, re.S)
PIPELINE = "[[pipeline]]\n"


def check(path, **options):
    return run("walpulse-monitor", "rules", "check", path, **options)


def explain(path, *arguments):
    return run("walpulse-monitor", "rules", "explain", path, *arguments)


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="rules.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return to_file


# A file, and where and of what the mistake is told.
BROKEN = {
    "not TOML": ("[[pipeline]\n", 1, "is not TOML"),
    "not UTF-8": (b"[defaults]\nteam = \"\xff\"\n", 2, "is not TOML"),
    "a key twice": (PIPELINE + "team = 'a'\nteam = 'b'\n", 3, "is not TOML"),
    "an unknown key": (PIPELINE + "max_durations = '2h'\n", 2, "did you mean max_duration?"),
    "an unknown key far from all": (PIPELINE + "zzz = 1\n", 2, "'zzz': is not a key"),
    "an unknown table": ("[[pipelin]]\nteam = 'a'\n", 1, "did you mean [[pipeline]]?"),
    "a table of a later version": ("[[check]]\nmatch = 'a'\n", 1, "check: is not understood"),
    "a table for several": ("[pipeline]\nteam = 'a'\n", 1, "write [[pipeline]]"),
    "several for one": ("[[defaults]]\nteam = 'a'\n", 1, "write [defaults]"),
    "a key above the tables": ("severity = 'page'\n", 1, "severity: belongs into a table"),
    "a zone below them": (PIPELINE + "time_zone = 'UTC'\nteam = 'a'\n", 2, "at the top of its file"),
    "an unknown zone": ("time_zone = 'Europe/Lissabon'\n", 1, "time_zone: 'Europe/Lissabon' is not"),
    "a zone that is a path": ("time_zone = '../../etc/passwd'\n", 1, "time_zone: "),
    "a zone that is a number": ("time_zone = 1\n", 1, "time_zone: is a number"),
    "a severity": (PIPELINE + "severity = 'pager'\n", 2, "severity: 'pager' is not"),
    "no severity": (PIPELINE + "severity = 'off'\n", 2, "severity: 'off'"),
    "a bare duration": (PIPELINE + "max_duration = 7200\n", 2, "max_duration: is a number"),
    "a duration without unit": (PIPELINE + "waiting = '15'\n", 2, "waiting: '15' is not a time"),
    "a duration of two": (PIPELINE + "fresh_within = '1d2h'\n", 2, "fresh_within: '1d2h'"),
    "a duration of nothing": (PIPELINE + "start_within = '0s'\n", 2, "start_within: must be longer"),
    "a duration of years": (PIPELINE + "fresh_within = '9999d'\n", 2, "fresh_within: '9999d' is longer"),
    "a count of nothing": (PIPELINE + "fail_after = 0\n", 2, "fail_after: 0 is not from 1"),
    "a count as text": (PIPELINE + "fail_after = '2'\n", 2, "fail_after: is a text"),
    "a mode": (PIPELINE + "runs = 'forever'\n", 2, "did you mean for_ever?"),
    "a switch as text": (PIPELINE + "ignore = 'true'\n", 2, "ignore: is a text"),
    "a deadline in words": (PIPELINE + "done_by = 'seven'\n", 2, "done_by: 'seven' is not a time of day"),
    "a deadline at 24:00": (PIPELINE + "done_by = 'Mon 24:00'\n", 2, "done_by: '24:00'"),
    "an unknown day": (PIPELINE + "done_by = 'Mo-Fr 07:00'\n", 2, "done_by: 'Mo-Fr' is not a day"),
    "no deadline": (PIPELINE + "done_by = []\n", 2, "done_by: the list is empty"),
    "a label that cannot be": (PIPELINE + "per = ['a b']\n", 2, "per: 'a b' cannot be a label"),
    "a label twice": (PIPELINE + "per = ['a', 'a']\n", 2, "per: names 'a' twice"),
    "a runbook without scheme": (PIPELINE + "runbook = 'wiki/x'\n", 2, "runbook: 'wiki/x' is not an address"),
    "a runbook on a captured host": (PIPELINE + "match = '{a}_x'\nrunbook = 'https://{a}/'\n", 3,
                                     "runbook: "),
    "a capture from nowhere": (PIPELINE + "match = '{a}_x'\nteam = '{b}'\n", 3, "team: {b} is not captured"),
    "a capture of some patterns": (PIPELINE + "match = ['{a}_x', 'y']\nteam = '{a}'\n", 3, "team: {a}"),
    "a pattern of another kind": (PIPELINE + "match = 'fin_?'\nteam = 'a'\n", 2, "match: 'fin_?'"),
    "an open brace": (PIPELINE + "match = 'fin_{a'\nteam = 'a'\n", 2, "match: 'fin_{a'"),
    "no pattern": (PIPELINE + "match = []\nteam = 'a'\n", 2, "match: the list is empty"),
    "a pattern of the wrong type": (PIPELINE + "trigger = 1\nteam = 'a'\n", 2, "trigger: is a number"),
    "a label without name": (PIPELINE + "label = 'acme'\nteam = 'a'\n", 2, "label: is to name the label"),
    "for ever, and a deadline": (PIPELINE + "runs = 'for_ever'\ndone_by = '07:00'\n", 3, "done_by: cannot be"),
    "down, but not for ever": (PIPELINE + "runs = 'scheduled'\ndown_for = '5m'\n", 3, "down_for: is only"),
    "each, but by when": (PIPELINE + "expect_each.partner = ['a']\n", 2, "expect_each: "),
    "each of nobody": (PIPELINE + "expect_each = ['a']\n", 2, "expect_each: is to name the label"),
    "a table that sets nothing": (PIPELINE + "match = 'a'\n", 1, "sets nothing"),
    "defaults of some": ("[defaults]\nmatch = 'a'\nteam = 'a'\n", 2, "match: [defaults] holds"),
    "an expectation of nothing": ("[[expect]]\npipeline = 'a'\n", 1, "expects nothing"),
    "an expectation of nobody": ("[[expect]]\nseverity = 'page'\n", 1, "pipeline: is missing"),
    "an include of nothing": ("[[include]]\nwithin = 'a'\n", 1, "files: is missing"),
    "an include from elsewhere": ("[[include]]\nfiles = '../x.toml'\n", 2, "leads out of"),
}


def as_file(example):
    """A file in which a mistake's example stands where it belongs."""
    key = example.split(" ")[0]
    if example in ("[[pipeline]]", "[defaults]"):
        return example + '\nseverity = "page"\n'
    if key == "time_zone":
        return example
    if example == "[channel.data]":
        return example + '\ntype = "log"\n'
    if key in ("files", "within"):
        return "[[include]]\n" + example + ("" if key == "files" else '\nfiles = "teams/fin/*.toml"')
    if key == "pipeline":
        return "[[expect]]\n" + example + '\nseverity = "notify"\n'
    beside = 'fresh_within = "1d"' if key.startswith("expect_each") else "fail_after = 9"
    return PIPELINE + example + "\n" + ("" if key == "fail_after" else beside + "\n")


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_has_its_line_its_key_and_an_example_that_is_right(name, write):
    text, line, words = BROKEN[name]
    path = write(text)
    done = check(path)
    assert done.returncode == 1 and not done.stdout
    *mistakes, summary = done.stderr.splitlines()
    assert summary == f"walpulse-monitor: {len(mistakes)} mistake{'' if len(mistakes) == 1 else 's'} in {path}"
    told = [one for one in mistakes if one.startswith(f"{path}:{line}: ") and words in one]
    assert told, done.stderr
    write(PIPELINE + 'match = "fin_*"\nteam = "fin"\n', "teams/fin/x.toml")
    for mistake in mistakes:
        example = mistake.split("; for example  ")[1]
        again = check(write(as_file(example), "example.toml"))
        assert again.returncode == 0, (example, again.stderr)


# Tables in which each key of them is right; what a key needs beside it stands before it.
LOG = ["[channel.data]", 'type = "log"']
HOOK = ["[channel.dbt]", 'type = "webhook"', 'url = "https://example.com/"']
TABLES = [
    ["[channel.a]", 'type = "slack"', 'token_file = "/t"', 'channel = "#a"'],
    ["[channel.a]", 'type = "slack"', 'url_file = "/u"'],
    ["[channel.a]", 'type = "webhook"', 'url = "https://example.com/"', 'token_file = "/t"'],
    ["[channel.a]", 'type = "webhook"', 'url = "https://example.com/"', 'auth = "google"'],
    ["[channel.a]", 'type = "mail"', 'smtp = "a"', 'from = "a@example.com"', 'to = "b@example.com"',
     'user_file = "/u"', 'password_file = "/p"'],
    LOG,
    LOG + ["[[notify]]", 'to = "data"'],
    LOG + ["[[expect]]", 'pipeline = "a"', 'to = "data"'],
    ["[[quiet]]", 'reason = "x"', 'every = "02:00-04:00"'],
    ["[[quiet]]", 'reason = "x"', 'until = "2026-11-29 00:00"'],
    HOOK + ["[[after]]", 'match = "sync"', 'is = "failed"', 'call = "dbt"'],
    ["[deadman]", 'url_file = "/u"'],
]


def tables_with(example):
    """Files in which it stands in place of the key that it sets, or beside the others."""
    if example.startswith("["):
        whole = {"[channel.data]": LOG, "[deadman]": ["[deadman]", 'url_file = "/u"']}
        yield whole.get(example, LOG + ["[[notify]]", 'to = "data"'])
        return
    key = example.split(" ")[0]
    replaced = {key, key.replace("_env", "_file"), key.replace("_file", "_env")}
    for lines in TABLES:
        last = max(at for at, line in enumerate(lines) if line.startswith("["))
        of_table = [line for line in lines[last + 1:] if line.split(" ")[0] not in replaced]
        yield [*lines[:last + 1], *of_table, example]


BROKEN_ROUTES = json.loads((ROOT / "tests/monitor/rules/broken_routes.json").read_text())


@pytest.mark.parametrize("row", BROKEN_ROUTES, ids=lambda row: row["name"])
def test_who_is_told_and_what_is_called_is_checked_too(row, write):
    path = write("".join(line + "\n" for line in row["lines"]))
    for name, text in row.get("files", {}).items():
        write(text, name)
    done = check(path)
    assert done.returncode == 1 and not done.stdout
    *mistakes, _ = done.stderr.splitlines()
    begin = f"{path.parent / row.get('file', 'rules.toml')}:{row['line']}: {row['told']}"
    told = [one for one in mistakes if one.startswith(begin)]
    assert told, done.stderr
    write("{}", "dbt.json")
    for mistake in mistakes:
        example = mistake.split("; for example  ")[1]
        if example.startswith("{"):  # of a body in a file
            json.loads(example)
            continue
        files = ["\n".join(lines) + "\n" for lines in tables_with(example)]
        assert any(check(write(text, "example.toml")).returncode == 0 for text in files), (mistake, files)


SHIPPED = sorted((ROOT / "deploy/rules").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED + [ROOT / "deploy/rules"], ids=lambda path: path.name)
def test_what_is_shipped_is_in_order(path):
    done = check(path)
    assert done.returncode == 0 and "no mistakes" in done.stdout, done.stderr


def test_who_is_told_and_what_is_called_is_explained():
    path = ROOT / "deploy/rules/messages.toml"
    lines = explain(path, "--pipeline", "gl_sap").stdout.splitlines()
    told = [re.split(r"  +", line) for line in lines if line.startswith(("told", "quiet"))]
    assert [one[1] for one in told] == [
        "data #data-gl: after 15s, then every 10m, again after 1d, of failing, not_started, waiting, too_long, "
        "not_running, abandoned, scheduler, check_failed, blind, undelivered",
        "owners gl@example.com, data@example.com: after 15s, then every 10m, again after 1d, in Mon-Fri 08:00-18:00, "
        "of not_done, stale",
        "every Sun 02:00-04:00: CHG-1201: the weekly close"]
    path = ROOT / "deploy/rules/dbt_cloud.toml"
    lines = explain(path, "--pipeline", "gitlab_sync").stdout.splitlines()
    assert re.split(r"  +", lines[-2])[1:2] == ["nobody"]
    assert re.split(r"  +", lines[-1])[1] == (
        "completed: calls dbt with dbt_cloud.json, within 1h, at most 20 per hour")


def test_all_mistakes_are_named_at_once(write):
    done = check(write("time_zone = 1\n" + "".join(PIPELINE + "severity = 'x'\n" for _ in range(9))))
    assert len(done.stderr.splitlines()) == 11


def test_the_readme_s_file_is_in_order(write):
    path = write(EVERY_KEY)
    done = check(path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{path}: 18 tables in 1 file, 2 expectations, no mistakes\n"
    for key in re.findall(r"^\| (`.*?) \|", README, re.M):
        for one in re.findall(r"`([a-z_]+)", key):
            assert re.search(rf"^{one}", EVERY_KEY, re.M), one


def test_the_readme_s_include_is_in_order(write):
    write(PIPELINE + 'match = "fin_*"\nteam = "fin"\n', "teams/fin/a.toml")
    assert check(write(AN_INCLUDE)).returncode == 0
    write(PIPELINE + 'match = "hr_*"\nteam = "fin"\n', "teams/fin/a.toml")
    done = check(write(AN_INCLUDE))
    assert done.returncode == 1 and "teams/fin/a.toml:2: match: 'hr_*' is not within 'fin_*'" in done.stderr


def test_what_is_not_as_expected_is_told_with_the_line_that_said_it(write):
    path = write(EVERY_KEY + '\n[[expect]]\npipeline = "fin_tmp_x"\nseverity = "page"\nteam = "finance"\n')
    done = check(path)
    assert done.returncode == 1
    first, second, summary = done.stderr.splitlines()
    assert first.endswith("[[expect]] 'fin_tmp_x': severity is notify (default), expected page")
    assert second.endswith("[[expect]] 'fin_tmp_x': team is off (default), expected finance")
    assert summary.endswith("19 tables in 1 file, 3 expectations, 2 keys not as expected")


def test_every_value_is_explained_by_its_line(write):
    path = write(EVERY_KEY)
    done = explain(path, "--pipeline", "fin_sap_gl")
    assert done.returncode == 0, done.stderr
    *lines, deadline = done.stdout.splitlines()
    rows = {key: (value, place) for key, value, place in (re.split(r"  +", line) for line in lines)}
    text = EVERY_KEY.splitlines()
    assert rows["owner"][0] == "fin-sap@example.com"
    told = [line for line in lines if line.startswith("told")]
    assert len(told) == 3 and "data #data-finance: after 15s" in told[1]
    for key, (value, place) in rows.items():
        if key in ("told", "quiet", "after"):
            continue
        if place != "default":
            line = text[int(place.removeprefix(f"{path}:")) - 1]
            assert line.startswith((key, "runs")), (key, line)  # what runs put aside
    assert rows["runbook"][0] == "https://wiki.example.com/sap#fin_sap_gl"
    assert rows["down_for"][0] == "off" and rows["done_by"][0] == "Mon-Fri 07:00, Sat 09:00"
    assert deadline.endswith("Mon-Fri 07:00, Sat 09:00 by the clocks of Europe/Lisbon")


def test_labels_sources_and_triggers_are_told_to_explain(write):
    path = write(PIPELINE + 'source = "m_{s}"\ntrigger = "*"\nlabel.a = "1"\nlabel.b = "{x}"\nteam = "{s}{x}"\n')
    asked = ["--pipeline", "x", "--source", "m_1", "--trigger", "t", "--label", "a=1", "--label", "b=2=3"]
    assert re.search(r"^team +12=3 ", explain(path, *asked).stdout, re.M)
    assert re.search(r"^team +off ", explain(path, *asked[:-2]).stdout, re.M)


@pytest.mark.parametrize("arguments, words", [
    (["explain", "x.toml"], "--pipeline: must be given to explain; for example --pipeline fin_sap_gl"),
    (["check", "x.toml", "--pipeline", "x"], "--pipeline: means nothing to check"),
    (["check", "x.toml", "--label", "a=1"], "--label: means nothing to check"),
    (["explain", "x.toml", "--pipeline", "x", "--label", "a"], "'a' is not NAME=VALUE"),
    (["explain", "x.toml", "--pipeline", "x", "--label", "a=1", "--label", "a=2"], "names a twice"),
    (["explain", "x.toml", "--pipeline", "x", "--pipeline", "y"], "--pipeline is given twice"),
    (["chekc", "x.toml"], "did you mean check?"),
    (["check"], "FILE"),
])
def test_a_wrong_call_is_answered_with_what_is_right(arguments, words):
    done = run("walpulse-monitor", "rules", *arguments)
    assert done.returncode == 64 and words in done.stderr, done.stderr


def test_the_connectors_labels_are_not_those_of_a_run(write):
    path = write(PIPELINE + 'label.a = "*"\nteam = "x"\n')
    done = run("walpulse-monitor", "rules", "explain", path, "--pipeline", "x",
               env={"WALPULSE_LABEL": "a=variables.a"})
    assert re.search(r"^team +off ", done.stdout, re.M) and not done.stderr


def test_what_cannot_be_read_is_a_mistake(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path, pathlib.Path("/dev/null")):
        done = check(path)
        assert done.returncode == 1 and done.stderr.startswith(str(path)), done.stderr


def test_a_folder_is_read_as_a_config_map_is_mounted(write, tmp_path):
    write('time_zone = "UTC"\n', "rules/..data_1/a.toml")
    write(PIPELINE + 'team = "x"\n', "rules/..data_1/b.toml")
    folder = tmp_path / "rules"
    (folder / "..data").symlink_to("..data_1")
    for name in ("a.toml", "b.toml"):
        (folder / name).symlink_to(f"..data/{name}")
    assert check(folder).stdout == f"{folder}: 1 table in 2 files, 0 expectations, no mistakes\n"


def test_the_first_steps_of_the_help_work(tmp_path):
    text = run("walpulse-monitor", "rules", "--help").stdout
    steps = re.search(r"# first steps.*?\n(.*?)  walpulse-monitor rules explain /etc", text, re.S)[1]
    done = subprocess.run(["bash", "-ec", steps], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
                          env=clean_environment({"PATH": f"{bin_dir()}:{os.environ['PATH']}"}))
    assert done.returncode == 0
    assert "no mistakes" in done.stdout and "sap@example.com" in done.stdout
