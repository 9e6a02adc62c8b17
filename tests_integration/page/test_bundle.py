"""What bundle.py joins, and what it refuses to."""
import hashlib
import re
import shutil
import subprocess
import sys

import pytest

from stand_ins.page_api import WEB, bundled


def run(assets, *arguments):
    return subprocess.run([sys.executable, WEB / "bundle.py", assets, *arguments], capture_output=True, text=True, timeout=60)


@pytest.fixture
def assets(tmp_path):
    shutil.copytree(WEB / "assets", tmp_path / "assets")
    return tmp_path / "assets"


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_same_sources_make_the_same_program(tmp_path):
    for name in ("one.cpp", "two.cpp"):
        assert run(WEB / "assets", "--cpp", tmp_path / name).returncode == 0
    assert (tmp_path / "one.cpp").read_bytes() == (tmp_path / "two.cpp").read_bytes()


def test_the_source_holds_every_file_as_it_is(tmp_path):
    run(WEB / "assets", "--cpp", tmp_path / "one.cpp")
    text = (tmp_path / "one.cpp").read_text()
    arrays = [bytes(int(each, 8) for each in re.findall(r"\\(\d{3})", literals))
              for literals in re.findall(r'kBytes\d+\[\] =\n((?:    ".*"\n?)+);', text)]
    files, _ = bundled()
    assert {each.decode() for each in arrays} == set(files.values())


def test_a_path_is_the_digest_of_what_is_there():
    files, _ = bundled()
    for path, text in files.items():
        if path != "/":
            assert hashlib.sha256(text.encode()).hexdigest()[:12] in path
            assert files["/"].count(path) == 1 or "uplot" in path


def test_nothing_is_loaded_from_elsewhere():
    files, _ = bundled()
    ours = {path: text for path, text in files.items() if "uplot" not in path}
    names = {name for text in ours.values() for name in re.findall(r"https?://[a-z][^\s\"'`)]*", text)}
    assert names == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("file, old, new, said", [
    ("js/words.js", "export function number", "export default function number", "not of the one form"),
    ("js/words.js", "export function number", "function number", "does not export number"),
    ("js/time.js", "const DAY", "const SVG = 1;\nconst DAY", "both have a top-level `SVG`"),
    ("js/morph.js", "function sameKind", 'import { when } from "./when.js";\nimport { no } from "./no.js";\nfunction sameKind',
     "there is no ./no.js"),
    ("js/words.js", "const whole", 'import { bars } from "./bars.js";\nconst whole', "imports itself"),
    ("js/chart.js", "/assets/uplot.js", "/assets/other.js", "/assets/uplot.js"),
    ("index.html", "<footer>", '<footer style="color: red">', "inline style"),
    ("index.html", "<footer>", '<footer onclick="x()">', "handler"),
    ("index.html", "{{css}}", "https://cdn.example/app.css", "{{css}}"),
    ("index.html", "<footer>", '<footer><img src="https://elsewhere.example/x">', "elsewhere"),
    ("vendor/uplot/uPlot.iife.min.js", "use strict", "use strict ", "not the released file"),
])
def test_what_breaks_a_rule_fails_the_build(assets, file, old, new, said):
    change(assets / file, old, new)
    done = run(assets)
    assert done.returncode == 1 and said in done.stderr, done.stderr


def test_dark_is_the_same_whoever_asks_for_it():
    """The system by a media query, a person by the switch: CSS has no way to say it once."""
    text = (WEB / "assets/css/10-tokens.css").read_text()
    by_system, by_switch = (re.search(start + r" \{([^}]*)\}", text)[1].split()
                            for start in (r':root:not\(\[data-theme="light"\]\)', r':root\[data-theme="dark"\]'))
    assert by_system == by_switch and "--ground:" in by_system
