"""What the janitor stops and removes, and what it leaves alone."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from harness import janitor, sweep
from harness.programs import wait_until

TESTS = pathlib.Path(__file__).resolve().parent.parent
BEGIN = """
import os, pathlib, subprocess, sys, time
from harness import janitor, sweep
place = janitor.place()
def started(*command):
    return str(subprocess.Popen(command, start_new_session=True).pid)
def tell(*words):
    print(*words, flush=True)
    time.sleep(600)
"""


@contextlib.contextmanager
def employer(script, *before, temporary):
    """Runs it until it tells; yields the process and what it told."""
    process = subprocess.Popen(
        ["env", "--default-signal=HUP,INT,TERM", *before, sys.executable, "-c", BEGIN + script],
        cwd=TESTS, env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield process, process.stdout.readline().split()
        finally:
            process.kill()


def lives(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_gone(*pids, paths=()):
    wait_until(lambda: not any(map(lives, pids)) and not any(map(os.path.lexists, paths)), 20,
               lambda: f"{[pid for pid in pids if lives(pid)]} {[*filter(os.path.lexists, paths)]}")


def test_what_heeds_no_signal_is_killed_and_what_stands_still_too(tmp_path):
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    with employer(f"""
deaf, still = started(sys.executable, "-c", {deaf!r}), started("sleep", "600")
os.kill(int(still), 19)
time.sleep(0.3)
tell(deaf, still, place)""", temporary=tmp_path) as (process, (deaf_pid, still, place)):
        assert lives(deaf_pid) and lives(still) and os.path.exists(place)
        process.kill()
        wait_gone(deaf_pid, still, paths=[place])


def test_a_daemon_that_nobody_knows_the_number_of_is_found(tmp_path):
    with employer("""
subprocess.run(["sh", "-c", f"setsid sh -c 'sleep 600 & echo $! >{place}/pid; wait' &"])
while not pathlib.Path(place, "pid").exists() or not pathlib.Path(place, "pid").read_text():
    time.sleep(0.01)
tell(pathlib.Path(place, "pid").read_text())""", temporary=tmp_path) as (process, (daemon,)):
        assert lives(daemon)
        process.terminate()
        wait_gone(daemon)


def test_an_employer_that_ends_well_leaves_what_it_forgot_to_nobody(tmp_path):
    with employer("""
pathlib.Path(place, "full").mkdir()
pathlib.Path(place, "full", "file").write_text("x")
print(started("sleep", "600"), place, flush=True)""", temporary=tmp_path) as (process, told):
        forgotten, place = told
        assert process.wait(20) == 0
        assert not lives(forgotten) and not os.path.exists(place), "waited for"


def test_others_are_left_alone_whatever_they_name_and_where_links_lead(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    with employer(f"""
os.rename(place, place + ".moved")
os.symlink({str(kept)!r}, place)
janitor.also_remove({str(tmp_path / "alone")!r})
pathlib.Path({str(tmp_path / "alone")!r}).write_text("x")
tell(place)""", temporary=tmp_path) as (process, (place,)):
        with subprocess.Popen(["sh", "-c", "exec sleep 600", place]) as bystander:
            process.kill()
            wait_gone(paths=[place, tmp_path / "alone"])
            assert bystander.poll() is None
            bystander.kill()
    assert (kept / "file").exists()


def test_root_knows_a_server_by_its_folder_where_it_may_not_see_its_environment(
        monkeypatch, tmp_path):
    """A container without CAP_SYS_PTRACE, as most are."""
    read = pathlib.Path.read_bytes

    def refused(path):
        if path.name == "environ":
            raise PermissionError
        return read(path)

    monkeypatch.setattr(pathlib.Path, "read_bytes", refused)
    with subprocess.Popen(["sleep", "600"]) as other, \
            subprocess.Popen([sys.executable, "-c", "input()", f"{tmp_path}/data"],
                             stdin=subprocess.PIPE) as server:
        try:
            # A process has no command line for a moment after its exec.
            wait_until(lambda: read(pathlib.Path(f"/proc/{server.pid}/cmdline")), 20, "a command line")
            for user, known in ((0, True), (1000, False)):
                monkeypatch.setattr(os, "geteuid", lambda user=user: user)
                assert sweep._is_employers(server.pid, b"JANITOR=mine", [str(tmp_path)]) == known
                assert not sweep._is_employers(other.pid, b"JANITOR=mine", [str(tmp_path)])
        finally:
            other.kill()
            server.kill()


def test_a_log_goes_when_nobody_holds_it():
    log = janitor.log_file("held-")
    name = log.name
    assert os.path.exists(name)
    del log
    assert not os.path.exists(name)


@pytest.mark.parametrize("before, survives", [((), False), (("nohup",), True)])
def test_an_employer_ends_with_its_parent_unless_it_was_told_not_to(tmp_path, before, survives):
    script = "tell(os.getpid(), started('sleep', '600'), place)"
    shell = ["sh", "-c", '"$@"; exit $?', "sh", *before]
    with employer(script, *shell, temporary=tmp_path) as (process, (pid, child, place)):
        process.kill()
        process.wait()
        if not survives:
            wait_gone(pid, child, paths=[place])
            return
        time.sleep(0.5)
        assert lives(pid) and lives(child)
        os.kill(int(pid), signal.SIGKILL)
        wait_gone(child, paths=[place])
