"""Manual pages and shell completions: what --help says, no more and no less."""
import gzip
import re
import subprocess
import sys

import pytest

from harness.deploy_files import DEPLOY
from harness.programs import bin_dir, run

pytestmark = pytest.mark.statement("deploy")

MANUAL = DEPLOY / "package/manual"
PROGRAMS = ["walpulse-connector", "walpulse-monitor"]


def write(folder, *programs):
    return subprocess.run([sys.executable, "-B", MANUAL / "write.py", folder, DEPLOY / "package/debian/changelog",
                           *programs], text=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manual") / "made"
    done = write(folder, *(bin_dir() / program for program in PROGRAMS))
    assert done.returncode == 0, done.stderr
    return folder


def section(text, title):
    found = re.search(rf"^{title}:\n((?:  .*\n)+)", text, re.M)
    return found[1] if found else ""


def commands_of(program):
    return re.findall(r"^  ([a-z]+) ", section(run(program, "--help").stdout, "Commands"), re.M)


def flags_of(text):
    """Those of a --help, read without what writes the manual."""
    listed = section(text, "Required") + section(text, "Options")
    every = re.findall(r"^  (?:(-\w), )?(--[a-z-]+)", listed, re.M)
    return {flag for pair in every for flag in pair if flag}


CALLS = [(program, command) for program in PROGRAMS for command in (None, *commands_of(program))]


def page(manual, program, command):
    name = f"{program}-{command}" if command else program
    return gzip.decompress((manual / f"man/{name}.1.gz").read_bytes()).decode()


@pytest.mark.parametrize("program, command", CALLS)
def test_a_manual_page_has_every_flag_of_the_help_and_no_other(manual, program, command):
    text = page(manual, program, command).replace("\\-", "-")
    options = text[text.index(".SH OPTIONS"):text.index(".SH CONFIGURATION")]
    heads = re.findall(r"^\.TP\n(.*)", options, re.M)
    assert {flag for head in heads for flag in re.findall(r"\\fB(-[-a-z]+)", head)} == \
        flags_of(run(program, *filter(None, [command]), "--help").stdout)


@pytest.mark.parametrize("program, command", CALLS)
def test_a_manual_page_has_the_words_of_the_help(manual, program, command):
    said = run(program, *filter(None, [command]), "--help").stdout
    shown = re.sub(r"\\f[BIR]|^\.\w.*\n|\\&", "", page(manual, program, command), flags=re.M)
    for written, meant in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ga", "`"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\e", "\\")):
        shown = shown.replace(written, meant)
    # All but what only the help needs: titles, and in the program's purpose the full stop.
    words = set(re.findall(r"[\w/.:'=\[\]()-]{4,}", said.replace("`", "")))
    words -= {"Usage:", "Options:", "Examples:", "Commands:", "codes:", "Exit", "First", "steps:", "Settings:", "Required:"}
    missing = {word for word in words if word.strip(".,:;()[]") not in shown.replace("`", "")}
    assert not missing


def test_there_is_a_page_for_each_program_and_command_and_each_names_the_others(manual):
    names = {f"{program}-{command}" if command else program for program, command in CALLS}
    assert {path.name for path in (manual / "man").iterdir()} == {f"{name}.1.gz" for name in names}
    for program, command in CALLS:
        also = re.findall(r"\\fB([\w\\-]+)\\fR\(1\)", page(manual, program, command).split(".SH SEE ALSO")[1])
        assert {one.replace("\\-", "-") for one in also} <= names


def test_groff_takes_every_page_without_a_warning(manual):
    for path in sorted((manual / "man").iterdir()):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=gzip.decompress(path.read_bytes()),
                              capture_output=True, timeout=60)
        assert done.returncode == 0 and not done.stderr, f"{path.name}: {done.stderr.decode()}"


def completed(manual, program, *lines):
    """What bash offers for the last word of each line."""
    script = [f"source {manual}/bash/{program}", f"function=$(complete -p {program}); function=${{function#*-F }}",
              "compopt() { :; }"]  # there is no line to edit
    for line in lines:
        words = line.split(" ")
        script.append(f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}; COMPREPLY=()\n"
                      "${function%% *}; printf '%s ' \"${COMPREPLY[@]}\"; echo")
    done = subprocess.run(["bash", "--norc", "-c", "\n".join(script)], text=True, capture_output=True, timeout=60,
                          cwd=DEPLOY)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [set(line.split()) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("program", PROGRAMS)
def test_bash_completes_every_command_and_each_ones_flags(manual, program):
    commands = commands_of(program)
    first, *rest = completed(manual, program, f"{program} ", *(f"{program} {one} -" for one in commands))
    assert first == {*commands, "-h", "--help", "--version"}
    for command, offered in zip(commands, rest):
        assert offered == flags_of(run(program, command, "--help").stdout), command


def test_bash_completes_values_verbs_and_files(manual):
    offered = completed(manual, "walpulse-monitor", "walpulse-monitor s", "walpulse-monitor serve --push-auth ",
                        "walpulse-monitor serve --log-level d", "walpulse-monitor serve --http-port ",
                        "walpulse-monitor serve --config pack", "walpulse-monitor sources l",
                        "walpulse-monitor sources list l", "walpulse-monitor fly -", "walpulse-monitor serve --dry")
    assert offered == [{"serve", "sources"}, {"verify", "platform", "none", "refuse"}, {"debug"}, set(), {"package"},
                       {"list"}, set(), set(), set()]


@pytest.mark.parametrize("program", PROGRAMS)
def test_zsh_and_fish_complete_the_same(manual, program):
    of_zsh = dict(re.findall(r"^    ([a-z]+)\)\n((?:      .*\n)+)", (manual / f"zsh/_{program}").read_text(), re.M))
    of_fish = (manual / f"fish/{program}.fish").read_text()
    assert list(of_zsh) == commands_of(program)
    for command, text in of_zsh.items():
        flags = flags_of(run(program, command, "--help").stdout) - {"-h"}
        assert set(re.findall(r"^ +'(?:\*|\(- \*\))(--[a-z-]+)", text, re.M)) == flags
        own = re.findall(rf"__fish_seen_subcommand_from {command}' -l ([a-z-]+)", of_fish)
        assert {"--" + flag for flag in own} == flags


@pytest.mark.parametrize("before, after", [
    ("Options:\n", "Options: all of them\n"), ("Options:\n", "Options:\n * a list of another kind\n"),
    ("  --config FILE  ", "  --config=FILE  "), ("Exit codes: ", "It ends with ")])
def test_a_help_of_another_form_is_refused_instead_of_half_read(manual, before, after, tmp_path):
    said = run("walpulse-connector", "run", "--help").stdout
    assert before in said
    (tmp_path / "help").write_text(said.replace(before, after, 1))
    (tmp_path / "walpulse-other").write_text(f"#!/bin/sh\ncat {tmp_path}/help\n")
    (tmp_path / "walpulse-other").chmod(0o755)
    done = write(tmp_path / "made", tmp_path / "walpulse-other")
    assert done.returncode != 0 and "ValueError" in done.stderr
    assert not (tmp_path / "made").exists()
