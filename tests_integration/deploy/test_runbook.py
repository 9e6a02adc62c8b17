"""What is told, and what the runbook says of it: each problem by one alert, each alert and each kind of problem in a
section of its own, with statements that Mage's tables answer."""
import re

import psycopg
import pytest

from harness import deploy_files
from harness.deploy_files import DEPLOY

pytestmark = pytest.mark.statement("deploy")

RUNBOOK = (DEPLOY / "runbook.md").read_text()
OF_WALPULSE = {"blind", "scheduler", "undelivered"}


def sections():
    """{name: text} of those that alerts and problems lead to."""
    found = re.findall(r"^## (\S+)\n(.*?)(?=^##? |\Z)", RUNBOOK, re.M | re.S)
    assert len(dict(found)) == len(found), "two sections of one name"
    return dict(found)


def told(policies):
    """(kind, severity) of the problems that these policies tell, each as often as it is told."""
    for policy in policies.values():
        for condition in policy["conditions"]:
            text = condition.get("conditionThreshold", {}).get("filter", "")
            if "/problem/open" not in text:
                continue
            named = {label: re.findall(r'"(\w+)"', words) for label, words in
                     re.findall(r'metric\.label\.(\w+)=(?:one_of\()?((?:"\w+",?)+)', text)}
            for kind in named["kind"]:
                for severity in named.get("severity", ["page", "notify", "record"]):
                    yield kind, severity


def test_a_problem_of_walpulse_is_told_in_any_case_and_one_of_a_pipeline_once_unless_it_is_recorded():
    kinds = set(deploy_files.problem_kinds())
    assert len(kinds) == len(deploy_files.problem_kinds()) == 12
    severities = ("page", "notify", "record")
    assert sorted(told(deploy_files.alerts("."))) == sorted(
        (kind, severity) for kind in OF_WALPULSE for severity in severities)
    assert sorted(told(deploy_files.alerts("pipelines"))) == sorted(
        (kind, severity) for kind in kinds - OF_WALPULSE for severity in severities[:2])


def test_every_policy_has_a_name_of_its_own():
    files = list((DEPLOY / "monitoring/alerts").rglob("*.json"))
    assert len(files) == len(deploy_files.alerts()) == len({one["displayName"] for one in deploy_files.alerts().values()})


def test_every_alert_leads_to_its_section_and_each_kind_of_problem_has_one():
    assert set(sections()) == {*deploy_files.alerts(), *deploy_files.problem_kinds()}
    for name, policy in deploy_files.alerts().items():
        [link] = policy["documentation"]["links"]
        assert link["url"] == "${runbook_url}#" + name
        assert policy["documentation"]["content"].endswith("What to do: " + link["url"])
        assert link["displayName"] == policy["displayName"].replace("walpulse", "Runbook")
        assert policy["userLabels"]["alert"] == name
        assert f"*{policy['displayName']}* ({policy['severity']})" in sections()[name], name


def test_the_section_of_a_kind_says_what_it_is_where_to_look_and_what_closes_it():
    for kind in deploy_files.problem_kinds():
        text = sections()[kind]
        assert text.startswith("\n*") and "\n```s" in text and "\n*Closes* " in text, kind


def test_what_tells_of_all_pipelines_leads_to_the_section_of_each_kind_of_theirs():
    links = set(re.findall(r"\]\(#(\w+)\)", sections()["problem-page"]))
    assert links == set(deploy_files.problem_kinds()) - OF_WALPULSE


@pytest.mark.parametrize("page", sorted(DEPLOY.glob("*.md")), ids=lambda page: page.name)
def test_every_section_that_a_page_leads_to_is_there(page):
    for file, anchor in re.findall(r"\]\(([\w./-]*\.md)?#([^)]+)\)", page.read_text()):
        headings = re.findall(r"^#+ (.*)$", (page.parent / file if file else page).read_text(), re.M)
        assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}, (page.name, anchor)


def test_what_an_alert_costs_is_of_the_conditions_that_there_are():
    said = re.search(r'(\d+) conditions x 0\.10 = ([\d.]+), with `alerts = "all"` (\d+)', (DEPLOY / "cost.md").read_text())
    pipe, every = [sum(len(policy["conditions"]) for policy in deploy_files.alerts(only).values()) for only in (".", "**")]
    assert (int(said[1]), float(said[2]), int(said[3])) == (pipe, round(pipe * 0.1, 2), every)


# --- SQL -----------------------------------------------------------------------------------------

def statements(section):
    """Of the runbook's section, as somebody pastes them."""
    for block in re.findall(r"^```sql\n(.*?)^```", sections()[section], re.M | re.S):
        yield from (one.strip() for one in block.split(";") if one.strip())


def test_every_statement_is_answered_by_mages_tables_and_only_reads(bare_source):
    asked = [(name, sql) for name in sections() for sql in statements(name)]
    assert len(asked) > 10
    with psycopg.connect(bare_source.dsn, autocommit=True, options="-c default_transaction_read_only=on") as connection:
        for name, sql in asked:
            assert connection.execute(sql).description, name


def test_the_statements_show_what_they_are_for(bare_source):
    def shown(section, index=0):
        return bare_source.execute(list(statements(section))[index])

    [[trigger]] = bare_source.execute(
        "INSERT INTO pipeline_schedule (name, pipeline_uuid, schedule_type, status, schedule_interval) "
        "VALUES ('nightly', 'daily_sales', 'TIME', 'INACTIVE', '@daily') RETURNING id")
    orphan = bare_source.insert_run(status="RUNNING")
    held = bare_source.insert_run(status="INITIAL", pipeline_schedule_id=trigger)
    old = bare_source.insert_run(status="COMPLETED", pipeline_schedule_id=trigger, execution_date="2020-01-01T00:00:00Z")
    failed = bare_source.insert_run(id=812, status="FAILED", pipeline_schedule_id=trigger, execution_date="2020-01-02T00:00:00Z")
    bare_source.execute("INSERT INTO block_run (pipeline_run_id, block_uuid, status, metrics) VALUES "
                        "(812, 'load', 'FAILED', '{\"error\": {\"error\": \"no column vat\"}}'), (812, 'slow', 'FAILED', '{}'), "
                        "(812, 'next', 'CANCELLED', NULL), (812, 'first', 'COMPLETED', '{\"error\": {\"error\": \"of before\"}}')")
    assert [row[0] for row in shown("abandoned")] == [orphan]
    assert [(row[0], row[3], row[4]) for row in shown("waiting")] == [(held, "nightly", "INACTIVE")]
    assert shown("waiting", 1) == [("daily_sales", 1)]
    assert [row[0] for row in shown("failing")] == [failed, old, held, orphan]
    assert [(row[0], row[3]) for row in shown("failing", 1)] == [("load", "no column vat"), ("slow", None), ("next", None)]
    assert shown("stale")[0][0] == old
    assert [row[2] for row in shown("not_started")] == ["INACTIVE"]
    assert dict(shown("not_started", 1))[trigger].year == 2020 and shown("scheduler", 1) == [("INACTIVE", 1)]
    assert shown("not_done") == []
