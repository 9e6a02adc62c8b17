"""What `make install` and the Debian package bring, and what they leave alone. That the package installs,
runs and goes again on a bare Debian 12 is deploy/package/check.sh's to show."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness.deploy_files import DEPLOY, ROOT
from harness.programs import bin_dir, run

pytestmark = pytest.mark.statement("deploy")

PROGRAMS = ["walpulse-connector", "walpulse-monitor"]
DOCUMENTS = ["share/man/man1/{}.1.gz", "share/bash-completion/completions/{}", "share/zsh/{zsh}/_{}",
             "share/fish/vendor_completions.d/{}.fish"]


def documents(zsh):
    return {place.format(program, zsh=zsh) for place in DOCUMENTS for program in PROGRAMS} | {
        f"share/man/man1/{program}-{command}.1.gz" for program in PROGRAMS
        for command in re.findall(r"^  ([a-z]+) ", run(program, "--help").stdout.split("Options:")[0], re.M)}


@pytest.fixture
def build(tmp_path):
    """A copy of what `make install` reads of the build; its install_manifest.txt is the copy's own."""
    real, copy = bin_dir().parent, tmp_path / "build"
    assert (real / "package/manual.stamp").exists(), f"{real} is not a whole build: run make build"
    shutil.copytree(real / "package", copy / "package")
    (copy / "bin").mkdir()
    for program in PROGRAMS:
        shutil.copy2(real / "bin" / program, copy / "bin")
    for script in [*real.glob("cmake_install.cmake"), *real.glob("*/**/cmake_install.cmake")]:
        mine = copy / script.relative_to(real)
        mine.parent.mkdir(parents=True, exist_ok=True)
        mine.write_text(script.read_text().replace(str(real), str(copy)))
    return copy


def make(target, build, path=None, **variables):
    """`path`: a folder of tools that come before this machine's."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(["make", "-s", "-C", ROOT, target, f"BUILD={build}",
                           *(f"{name}={value}" for name, value in variables.items())],
                          text=True, capture_output=True, timeout=300,
                          env=env | {"PATH": f"{path}:{env['PATH']}" if path else env["PATH"]})


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_make_install_brings_programs_and_documents_and_uninstall_takes_them_again(build, tmp_path):
    root, foreign = tmp_path / "root", tmp_path / "root/opt/w/bin/not-ours"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("")
    done = make("install", build, DESTDIR=root, PREFIX="/opt/w")
    assert done.returncode == 0, done.stdout + done.stderr
    brought = {f"bin/{program}" for program in PROGRAMS} | documents("site-functions")
    assert files(root / "opt/w") == brought | {"bin/not-ours"} and files(root) == {f"opt/w/{one}" for one in files(root / "opt/w")}
    done = subprocess.run([root / "opt/w/bin/walpulse-monitor", "--version"], capture_output=True, timeout=60)
    assert done.returncode == 0
    assert make("uninstall", build, DESTDIR=root).returncode == 0
    assert files(root) == {"opt/w/bin/not-ours"}
    done = make("uninstall", build, DESTDIR=root)
    assert done.returncode != 0 and "install_manifest.txt" in done.stderr


def test_make_install_has_usr_local_as_its_folder(build, tmp_path):
    assert make("install", build, DESTDIR=tmp_path / "root").returncode == 0
    assert (tmp_path / "root/usr/local/bin/walpulse-connector").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="as sudo would")
def test_make_install_as_root_leaves_the_users_build_to_the_user(build, tmp_path):
    for path in [build, *build.rglob("*")]:
        os.chown(path, 65534, 65534)
    assert make("install", build, DESTDIR=tmp_path / "root").returncode == 0
    assert (build / "install_manifest.txt").exists()
    assert {path.stat().st_uid for path in [build, *build.rglob("*")]} == {65534}


@pytest.fixture
def poisoned(tmp_path):
    """Tools that do nothing but say how they were called."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in ("cmake", "ninja", "c++", "apt-get", "sudo"):
        (folder / tool).write_text(f'#!/bin/sh\necho {tool} "$@" >>{folder}/called\n')
        (folder / tool).chmod(0o755)
    return folder


def test_make_install_asks_cmake_to_install_and_nothing_else(build, poisoned):
    (build / "install_manifest.txt").write_text("")
    assert make("install", build, path=poisoned, PREFIX="/opt/w").returncode == 0
    assert (poisoned / "called").read_text() == f"cmake --install {build} --prefix /opt/w\n"


def test_a_first_build_says_how_long_it_takes(build, poisoned):
    assert "usually" not in make("build", build, path=poisoned).stdout
    (build / "bin/walpulse-connector").unlink()
    done = make("build", build, path=poisoned)
    assert done.returncode == 0 and "building walpulse: usually" in done.stdout, done


def test_the_demo_shows_what_is_built_and_else_what_compiles_fast(build, tmp_path):
    def commands(folder):
        return subprocess.run(["make", "-n", "-C", ROOT, "demo", f"BUILD={folder}"], text=True, capture_output=True,
                              timeout=60, check=True).stdout
    built, bare = commands(build), commands(tmp_path / "bare")
    assert f"demo.py --bin {build}/bin" in built and "--preset release" in built and "--preset demo" not in built
    assert f"demo.py --bin {ROOT}/build/demo/bin" in bare and "--preset demo" in bare and "--preset release" not in bare
    presets = subprocess.run(["cmake", "--list-presets=build"], text=True, capture_output=True, cwd=ROOT, check=True).stdout
    assert '"demo"' in presets


@pytest.mark.parametrize("missing", ["bin/walpulse-monitor", "package/manual.stamp", "."])
def test_make_install_builds_nothing_and_says_what_to_do(build, tmp_path, poisoned, missing):
    shutil.rmtree(build) if missing == "." else (build / missing).unlink()
    before = files(build)
    done = make("install", build, path=poisoned, DESTDIR=tmp_path / "root")
    assert done.returncode != 0 and "make build" in done.stderr and not (poisoned / "called").exists()
    assert not (tmp_path / "root").exists() and files(build) == before


def test_make_help_names_the_targets_and_the_folder():
    said = subprocess.run(["make", "-s", "-C", ROOT, "help"], text=True, capture_output=True, timeout=60).stdout
    assert re.search(r"^  make install .*PREFIX \(default /usr/local\)", said, re.M)
    assert "  make uninstall " in said and re.search(r"^  make package .*\.deb", said, re.M)


# --- The Debian package --------------------------------------------------------------------------

@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """(its files: (mode, owner) by path, the folder of its control files)"""
    build, folder = bin_dir().parent, tmp_path_factory.mktemp("package")
    assert (build / "package/manual.stamp").exists(), f"{build} is not a whole build: run make build"
    done = subprocess.run(["cpack", "--config", build / "CPackConfig.cmake", "-G", "DEB", "-B", folder], text=True,
                          capture_output=True, timeout=300, cwd=build)
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "-e", made, folder / "control"], check=True, timeout=60)
    listed = subprocess.run(["dpkg-deb", "-c", made], check=True, text=True, capture_output=True, timeout=60).stdout
    found = {}
    for line in listed.splitlines():
        mode, owner, _, _, _, path = line.split(None, 5)
        found[path.removeprefix(".")] = (mode, owner)
    return found, folder / "control"


def test_the_package_brings_programs_documents_units_and_templates(package):
    brought = {path for path, (mode, _) in package[0].items() if not mode.startswith("d")}
    assert brought == {f"/usr/{one}" for one in documents("vendor-completions")} | {
        *(f"/usr/bin/{program}" for program in PROGRAMS),
        *(f"/lib/systemd/system/{program}.service" for program in PROGRAMS),
        "/etc/walpulse/connector.toml", "/etc/walpulse/monitor.toml", "/usr/lib/sysusers.d/walpulse.conf",
        "/usr/share/doc/walpulse/README.md", "/usr/share/doc/walpulse/changelog.gz", "/usr/share/doc/walpulse/copyright",
        *(f"/usr/share/doc/walpulse/examples/rules/{path.name}" for path in (ROOT / "deploy/rules").iterdir()),
        "/usr/share/lintian/overrides/walpulse"}


def test_everybody_may_run_and_read_what_the_package_brings_but_the_configuration(package):
    secret = {path for path, (mode, _) in package[0].items() if not re.match(r"[d-]r.xr.xr.x|-r..r..r..", mode)}
    assert secret == {"/etc/walpulse/connector.toml", "/etc/walpulse/monitor.toml"}
    assert {package[0][path] for path in secret} == {("-rw-r-----", "root/root")}
    assert {owner for _, owner in package[0].values()} == {"root/root"}
    for program in PROGRAMS:
        assert package[0][f"/usr/bin/{program}"][0] == "-rwxr-xr-x"


def test_the_package_depends_on_the_libraries_and_keeps_the_configuration(package):
    control = (package[1] / "control").read_text()
    depends = re.search(r"^Depends: (.*)$", control, re.M)[1]
    for library in ("libc6", "libpq5", "libcurl4", "libsqlite3-0", "libmicrohttpd12", "libjemalloc2", "ca-certificates"):
        assert re.search(rf"\b{library}\b", depends), depends
    assert set((package[1] / "conffiles").read_text().split()) == {"/etc/walpulse/connector.toml", "/etc/walpulse/monitor.toml"}
    for script in ("postinst", "prerm", "postrm"):
        assert (package[1] / script).read_bytes() == (DEPLOY / "package/debian" / script).read_bytes()
        assert subprocess.run(["sh", "-n", package[1] / script]).returncode == 0


@pytest.mark.parametrize("name", ["connector", "monitor"])
def test_a_template_sets_nothing_so_that_who_may_not_read_it_misses_nothing(name):
    lines = (DEPLOY / f"package/{name}.toml").read_text().splitlines()
    assert lines and all(not line or line.startswith("#") for line in lines)


@pytest.mark.parametrize("absent, needed", [("file", "file"), ("dpkg-shlibdeps", "dpkg-dev"), ("strip", "binutils")])
def test_without_a_tool_cpack_says_in_one_sentence_what_to_install(tmp_path, absent, needed):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in {"dpkg", "dpkg-shlibdeps", "file", "readelf", "strip"} - {absent}:
        (tools / tool).symlink_to(shutil.which(tool))
    script = tmp_path / "check.cmake"
    # Nothing but this folder, as on a machine that has nothing else.
    script.write_text("set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)\ninclude("
                      f"{DEPLOY}/cmake/package_tools.cmake)\nmessage(STATUS \"all is here\")\n")
    cmake = pathlib.Path(shutil.which("cmake"))
    done = subprocess.run([cmake, "-P", script], text=True, capture_output=True, env={"PATH": str(tools)}, timeout=60)
    assert done.returncode != 0
    assert f"to make the Debian package, install what is missing: apt-get install {needed}" in " ".join(done.stderr.split())
    (tools / absent).symlink_to(shutil.which(absent))
    done = subprocess.run([cmake, "-P", script], text=True, capture_output=True, env={"PATH": str(tools)}, timeout=60)
    assert done.returncode == 0, done.stderr
