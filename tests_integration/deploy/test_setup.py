"""What `make setup` says, on a machine whose apt-get, sudo and python3 are stand-ins: they write down
what they were asked for."""
import os
import shutil
import subprocess

import pytest

from harness import emulator
from harness.deploy_files import ROOT

TOOLS = ("bash", "sh", "cat", "dirname", "env", "mktemp", "sed", "tr")
REAL_RM = shutil.which("rm")
NOISE = "debconf: delaying package configuration, since apt-utils is not installed"


class Machine:
    """Its PATH has nothing else."""

    def __init__(self, folder):
        self.folder, self.asked = folder / "bin", folder / "asked"
        self.folder.mkdir()
        self.asked.touch()
        for tool in TOOLS:
            (self.folder / tool).symlink_to(shutil.which(tool))
        self.has("dpkg-query", "printf installed")
        self.has("apt-get", f"echo '{NOISE}' >&2; echo 'Unpacking'")
        self.has("sudo", 'shift; exec "$@"')
        self.has("id", "echo 1000")
        self.has("install")
        self.has("rm", f'case "$*" in */etc/*|*/usr/*|*/.venv/*) exit;; esac; exec {REAL_RM} "$@"')
        self.has("cmp")  # .venv is as it should be
        self.has("grep", "exit 1")  # Google's repository is not known
        self.emulator(1, "what emulator.py says")

    def has(self, name, script="true"):
        tool = self.folder / name
        tool.unlink(missing_ok=True)
        tool.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.asked}\n{script}\n')
        tool.chmod(0o755)

    def emulator(self, code, said, fetched="exit 1"):
        """What `python3 -m harness.emulator` answers; any other python3 is the fetching of the key."""
        self.has("python3", f'case "$*" in *harness.emulator) echo "{said}"; exit {code};; esac; '
                            f"{fetched}")

    def setup(self, what="test"):
        """Its exit code, and what it said."""
        done = subprocess.run([ROOT / "deploy/setup/setup.sh", what], text=True, timeout=30,
                              env={"PATH": str(self.folder)}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def was_asked(self):
        return self.asked.read_text()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_what_is_there_is_not_asked_for_again(machine):
    assert machine.setup("build") == (0, "")
    assert "apt-get" not in machine.was_asked() and "sudo" not in machine.was_asked()


@pytest.mark.parametrize("user", [0, 1000])
def test_what_apt_says_is_shown_only_where_it_fails(machine, user):
    machine.has("dpkg-query", 'case "$*" in *cmake*) exit 1;; esac; printf installed')
    machine.has("id", f"echo {user}")
    assert machine.setup("build") == (0, "setup: installing cmake\n")
    assert ("sudo -- env DEBIAN_FRONTEND=noninteractive apt-get" in machine.was_asked()) == (user != 0)
    assert "install -y --no-install-recommends cmake" in machine.was_asked()

    machine.has("apt-get", f"echo '{NOISE}' >&2; echo 'E: no space left'; exit 100")
    code, said = machine.setup("build")
    assert code == 100
    assert "setup: apt-get update failed with 100" in said and "E: no space left" in said


def test_without_root_and_sudo_it_says_what_it_needs_root_for(machine):
    machine.has("dpkg-query", 'case "$*" in *cmake*) exit 1;; esac; printf installed')
    (machine.folder / "sudo").unlink()
    code, said = machine.setup("build")
    assert code == 1 and "setup: this needs root: " in said and "apt-get" in said


def test_a_wrong_jar_is_exit_78_before_anything_is_installed(machine):
    machine.emulator(78, "PUBSUB_EMULATOR_JAR=/x names no file")
    code, said = machine.setup()
    assert (code, said) == (78, "setup: PUBSUB_EMULATOR_JAR=/x names no file\n")
    assert "apt-get" not in machine.was_asked()


def test_others_readers_are_fetched_with_maven(machine):
    machine.emulator(0, "/a.jar")
    machine.has("cmp", 'case "$*" in *consumers.xml*) exit 1;; esac')
    machine.has("cp")
    code, said = machine.setup()
    assert code == 0 and "setup: installing maven\n" in said and "test_consumers.py will fail" in said
    assert "install -y --no-install-recommends maven" in machine.was_asked() and "\ncp " not in machine.was_asked()

    machine.has("mvn", "echo 'no route to host'; exit 1")
    code, said = machine.setup()
    assert code == 0 and "no route to host" in said and "test_consumers.py will fail" in said
    assert "\ncp " not in machine.was_asked()

    machine.has("mvn")
    assert machine.setup() == (0, "setup: installing Flink's reader of change events, and CloudEvents', into .venv/jars\n")
    assert "\ncp " in machine.was_asked(), "what is there now is not fetched again"


def test_googles_repository_is_announced_before_it_is_added(machine):
    machine.has("java")
    announced = ("/usr/share/keyrings/", "/etc/apt/sources.list.d/", "To undo it")
    code, said = machine.setup()
    assert code == 0 and "does not answer: apt is left as it was" in said
    assert all(words in said for words in announced) and "install" not in machine.was_asked()

    machine.emulator(1, "not there", fetched='echo key >"$4"')
    machine.has("install", 'echo "install $*"')  # among what is said
    code, said = machine.setup()
    assert code == 0
    assert max(map(said.index, announced)) < said.index("install -m 0644")
    assert "are removed again" in said and "could not be installed" in said
    assert "rm -f /usr/share/keyrings/" in machine.was_asked()

    machine.has("grep")
    code, said = machine.setup()
    assert "To undo it" not in said and "-y --no-install-recommends google" in machine.was_asked()


def test_a_missing_java_is_installed_and_named_where_that_fails(machine):
    machine.setup()
    assert "--no-install-recommends default-jre-headless" in machine.was_asked()
    machine.has("apt-get", "exit 100")
    _, said = machine.setup()
    assert "setup: no Java runtime could be installed" in said


# The same, as the demo and the tests say it

@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    monkeypatch.delenv("PUBSUB_EMULATOR_JAR", raising=False)
    monkeypatch.setattr(emulator.glob, "glob", lambda *_: [])
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_missing_emulator_a_missing_java_and_a_wrong_jar_are_three_sentences(
        nothing_installed, monkeypatch, tmp_path):
    assert "is not installed" in emulator.problem() and "make setup" in emulator.problem()

    found = ROOT / "a.jar"
    monkeypatch.setattr(emulator.glob, "glob", lambda *_: [str(found)])
    assert "Java" in emulator.problem() and "default-jre-headless" in emulator.problem()
    java = tmp_path / "java"
    java.touch(0o755)
    assert emulator.problem() is None and emulator.find_jar() == str(found)

    for name, content, words in (("none.jar", None, "names no file"), ("", None, "names no file"),
                                 ("empty.jar", b"", "is not the Pub/Sub emulator"),
                                 ("text.jar", b"no zip", "is not the Pub/Sub emulator")):
        chosen = tmp_path / name
        if content is not None:
            chosen.write_bytes(content)
        monkeypatch.setenv("PUBSUB_EMULATOR_JAR", str(chosen))
        assert words in emulator.problem() and f"PUBSUB_EMULATOR_JAR={chosen}" in emulator.problem()
        assert "correct it, or unset it" in emulator.problem()
        assert emulator.find_jar() is None
        with pytest.raises(RuntimeError, match=words):
            emulator.Emulator()


def test_another_jar_is_not_the_emulator(monkeypatch, tmp_path):
    shutil.make_archive(str(tmp_path / "other"), "zip", ROOT / "deploy/demo")
    monkeypatch.setenv("PUBSUB_EMULATOR_JAR", str(tmp_path / "other.zip"))
    assert "is not the Pub/Sub emulator" in emulator.problem()
    assert os.path.exists(tmp_path / "other.zip")
