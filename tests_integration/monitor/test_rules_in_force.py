"""The rules of a running monitor: read again when their files change, and never worse than they were."""
import os
import re
import signal
import time

import pytest

from harness.flow import Monitor
from harness.programs import fetch, run, wait_until

pytestmark = pytest.mark.statement("rules-in-force")

SOON = ("--rules-reload", "1s")
BROKEN = "walpulse_rules_broken"


def table(severity, name="*"):
    return f'[[pipeline]]\nmatch = "{name}"\nseverity = "{severity}"\n'


def replace(path, text):
    """As editors and git do: another file takes its name."""
    path.with_name(".new").write_text(text)
    os.replace(path.with_name(".new"), path)


class Served(Monitor):
    """A monitor with rules, and what it says of them."""

    def __init__(self, programs, path, *arguments):
        super().__init__(programs, "memory", "--rules", path, *arguments)

    def hash(self):
        (labels,) = [dict(labels) for name, labels in self.metrics() if name == "walpulse_rules_info"]
        return labels["hash"]

    def wait_other(self, known):
        wait_until(lambda: self.hash() not in known, 15, self.program.text)
        assert self.total(BROKEN) == 0
        return self.hash()

    def wait_broken(self, times):
        """Until so many broken files were told of."""
        wait_until(lambda: self.total(BROKEN) == 1 and self.said("rules of before stay in force") == times,
                   15, self.program.text)
        assert "rules of before stay in force" in fetch(f"{self.url}/health")[1]
        assert fetch(f"{self.url}/readiness")[0] == 200

    def said(self, words):
        return sum(words in line for line in self.program.text(lines=10_000).splitlines())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(table("page"))
    return path


def test_a_file_that_is_replaced_is_taken_and_a_broken_one_changes_nothing(programs, file):
    monitor = Served(programs, file, *SOON)
    hashes = [monitor.hash()]
    replace(file, table("record"))
    hashes.append(monitor.wait_other(hashes))
    assert f"hash={hashes[1][:12]} hash_before={hashes[0][:12]} tables=1" in monitor.program.text()

    replace(file, table("severe"))
    monitor.wait_broken(1)
    assert monitor.hash() == hashes[1]
    assert f"{file}:3: severity: 'severe' is not" in monitor.program.text()

    replace(file, (table("record") * 9)[:-9])  # cut off half-way
    monitor.wait_broken(2)
    file.unlink()
    monitor.wait_broken(3)
    file.mkdir()
    monitor.wait_broken(4)
    file.rmdir()
    file.symlink_to("rules.toml")
    monitor.wait_broken(5)
    file.unlink()
    replace(file, table("record"))
    wait_until(lambda: monitor.total(BROKEN) == 0, 15, monitor.program.text)
    assert monitor.hash() == hashes[1]
    assert "stay in force" not in fetch(f"{monitor.url}/health")[1]

    replace(file, table("notify"))
    hashes.append(monitor.wait_other(hashes))
    assert monitor.said("rules of before stay in force") == 5, "each is told of once"
    assert monitor.program.stop() == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_changes_nothing(programs, file):
    monitor = Served(programs, file, *SOON)
    file.chmod(0)
    monitor.wait_broken(1)


def test_a_file_that_is_being_written_is_waited_for(programs, file):
    """Cut off between two tables it would be in order."""
    monitor = Served(programs, file, *SOON)
    hashes = [monitor.hash()]
    with file.open("w") as writing:
        for number in range(40):
            writing.write(table("record", f"a_{number}"))
            writing.flush()
            assert monitor.hash() == hashes[0]
            time.sleep(0.1)
    monitor.wait_other(hashes)
    assert "tables=40" in monitor.program.text()
    assert monitor.said("other rules are in force") == 1


def test_a_config_map_is_followed_through_its_links(programs, tmp_path):
    mount = tmp_path / "rules"

    def publish(version, **files):
        (mount / version).mkdir(parents=True)
        for name, text in files.items():
            (mount / version / f"{name}.toml").write_text(text)
        (mount / "..new").symlink_to(version)
        os.replace(mount / "..new", mount / "..data")

    publish("..1", a=table("page"), b=table("page", "b_*"))
    for name in "ab":
        (mount / f"{name}.toml").symlink_to(f"..data/{name}.toml")
    monitor = Served(programs, mount, *SOON)
    hashes = [monitor.hash()]
    publish("..2", a=table("record"), b=table("page", "b_*"))
    hashes.append(monitor.wait_other(hashes))
    publish("..3", a=table("severe"), b=table("page", "b_*"))
    monitor.wait_broken(1)
    publish("..4", a=table("notify"))  # b.toml leads nowhere now
    monitor.wait_broken(2)
    (mount / "b.toml").unlink()
    hashes.append(monitor.wait_other(hashes))
    assert "tables=1 files=1" in monitor.program.text()


def test_a_folder_without_files_is_no_folder_of_empty_rules(programs, tmp_path, file):
    other = tmp_path / "other.toml"
    other.write_text(table("record", "x"))
    monitor = Served(programs, tmp_path, *SOON)
    hashes = [monitor.hash()]
    other.unlink()
    hashes.append(monitor.wait_other(hashes))
    file.unlink()
    monitor.wait_broken(1)
    assert monitor.hash() == hashes[1]


@pytest.mark.parametrize("reload", ["1h", "off"])
def test_sighup_reads_them_at_once(programs, file, reload):
    monitor = Served(programs, file, "--rules-reload", reload)
    hashes = [monitor.hash()]
    replace(file, table("record"))
    monitor.program.signal(signal.SIGHUP)
    hashes.append(monitor.wait_other(hashes))
    replace(file, table("severe"))
    monitor.program.signal(signal.SIGHUP)
    monitor.wait_broken(1)
    for _ in range(20):
        monitor.program.signal(signal.SIGHUP)
    replace(file, table("notify"))
    monitor.program.signal(signal.SIGHUP)
    monitor.wait_other(hashes)
    assert monitor.program.stop() == 0, monitor.program.text()


def test_what_is_not_in_order_does_not_start(programs, file):
    def ended(*arguments, **options):
        done = run("walpulse-monitor", "serve", "--ledger", "memory", "--http-port", 0, *arguments, **options)
        assert done.returncode == 78, done.stdout
        return done.stdout

    file.write_text(table("severe") + "done_by = 'seven'\n")
    told = ended("--rules", file)
    assert f"{file}:3: severity: 'severe' is not" in told and "for example" in told
    assert f"{file}:4: done_by: 'seven' is not a time of day" in told
    assert "mistakes=2" in told
    file.write_text('[[expect]]\npipeline = "x"\nseverity = "page"\n')
    assert "severity is notify (default), expected page" in ended(env={"WALPULSE_RULES": str(file)})
    file.unlink()
    assert "cannot be read" in ended("--rules", file)
    file.write_text("[[pipeline]]\nseverity = 1\n" * 3000)
    assert "mistakes=1001" in ended("--rules", file)


def test_without_rules_there_are_no_metrics_of_them_and_sighup_ends_as_ever(programs):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup's would be handed on
    monitor = Monitor(programs, "memory")
    assert not any("rules" in name for name, _ in monitor.metrics())
    monitor.program.signal(signal.SIGHUP)
    assert monitor.program.wait(10) == -signal.SIGHUP


def test_doctor_looks_at_the_rules_that_serve_would_read(file):
    def found():
        done = run("walpulse-monitor", "doctor", "--ledger", "memory", "--rules", file)
        return done.returncode, re.search(r"^(ok|FAIL) +rules +(.*)", done.stdout, re.M)

    assert found()[0] == 0 and found()[1][1] == "ok"
    file.write_text(table("severe"))
    code, finding = found()
    assert code == 1 and finding[1] == "FAIL" and f"{file}:3: severity" in finding[2]
