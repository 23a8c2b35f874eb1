"""tests/fresh, as far as it goes without making a machine, and .ci/run around it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_HERE = 77

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gets beyond the first check")
OF_THIS_SYSTEM = """\
http://mirror.test/debian/ bookworm main
http://mirror.test/debian/ bookworm main
http://mirror.test/debian/ bookworm-updates main
http://mirror.test/debian-security bookworm-security main
https://else.test/node nodistro main
https://else.test/cloud cloud-sdk-bookworm main
https://else.test/flat /
"""


def program(folder: Path, name: str, text: str) -> None:
    """Put a program into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def fresh(*arguments: str, path: Path | None = None, **how: object) -> subprocess.CompletedProcess[str]:
    """Run tests/fresh; what is in ``path`` comes first."""
    environ = {"PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]}
    command = [str(CHECKOUT / "tests/fresh"), *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, **how)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "arguments", (("--check", "trixie"), ("trixie", "true"), ("--keep", "/nowhere", "trixie", "true"))
)
@needs_root
def test_without_namespaces(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Where no namespaces can be made, one line says so, and the exit code is one that .ci/run goes on after."""
    program(tmp_path / "bin", "unshare", "exit 1")
    done = fresh(*arguments, path=tmp_path / "bin")
    assert (done.returncode, done.stderr) == (NOT_HERE, "")
    assert done.stdout == "tests/fresh: no new Debian here: namespaces cannot be made.\n"


@pytest.mark.skipif(not shutil.which("apt-get"), reason="apt-get is missing")
@needs_root
def test_without_a_mirror(tmp_path: Path) -> None:
    """Without a source of this distribution there is no mirror to take, and none is guessed."""
    program(tmp_path / "bin", "unshare", "exit 0")
    program(tmp_path / "bin", "apt-get", "echo https://else.test/node nodistro main")
    done = fresh("--check", "trixie", path=tmp_path / "bin")
    assert done.returncode == NOT_HERE and done.stdout.count("\n") == 1
    assert "/dev/net/tun is missing" in done.stdout or "name no mirror" in done.stdout


@needs_root
def test_not_root(tmp_path: Path) -> None:
    """Who is not root learns it in one line."""
    copy = Path("/tmp") / f"fresh-{os.getpid()}"
    try:
        (copy / "tests").mkdir(parents=True)
        shutil.copy(CHECKOUT / "tests/fresh", copy / "tests")
        done = subprocess.run(
            ["bash", copy / "tests/fresh", "trixie", "true"], user=65534, capture_output=True, text=True
        )
    finally:
        shutil.rmtree(copy)
    assert (done.returncode, done.stdout) == (NOT_HERE, "tests/fresh: no new Debian here: this needs root.\n")


@pytest.mark.parametrize("arguments", ((), ("trixie",), ("trixie", "true", "more"), ("--bogus", "trixie", "true")))
def test_wrong_arguments(arguments: tuple[str, ...]) -> None:
    """A mistyped call is no "not here"."""
    done = fresh(*arguments)
    assert done.returncode in (1, 2) and done.stdout == "" and done.stderr


@pytest.mark.parametrize("suite", ("trixie", "bookworm", "sid"))
def test_sources_of_the_suite(suite: str, tmp_path: Path) -> None:
    """The suite's sources are this system's, with the suite in their names, each once; foreign ones stay away."""
    found = re.search(r"^sources\(\) .*?^}$", (CHECKOUT / "tests/fresh").read_text(), re.M | re.S)
    assert found
    (tmp_path / "targets").write_text(OF_THIS_SYSTEM)
    script = f"suite={suite} VERSION_CODENAME=bookworm\napt-get() {{ cat {tmp_path}/targets; }}\n{found[0]}\nsources"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        f"deb http://mirror.test/debian {suite} main",
        f"deb http://mirror.test/debian {suite}-updates main",
        f"deb http://mirror.test/debian-security {suite}-security main",
    ]


@pytest.mark.parametrize("name", ("install.sh", "tests/run", "tests/fresh", ".ci/run"))
def test_no_host_is_named(name: str) -> None:
    """Where packages come from is this system's to say: no script names a host."""
    text = (CHECKOUT / name).read_text()
    assert not re.findall(r"\w+://(?!HOST|localhost|\$)[\w.-]+", text)
    assert not re.search(r"\b(debian|pypi|ubuntu|python)\.(org|com)\b", text)


# --- .ci/run --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "check, suite, machine, status, order",
    [
        (0, 0, 0, 0, "check suite machine"),
        (77, 0, 0, 0, "check suite"),
        (77, 1, 0, 1, "check suite"),
        (0, 1, 0, 1, "check suite"),
        (0, 0, 1, 1, "check suite machine"),
        (1, 0, 0, 1, "check suite"),
    ],
)
def test_continuous_integration(check: int, suite: int, machine: int, status: int, order: str, tmp_path: Path) -> None:
    """It fails if the suite fails here or anything fails on the new Debian, and not where there cannot be one."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECKOUT / ".ci/run", tmp_path / ".ci")
    program(tmp_path / "tests", "run", f"echo suite; exit {suite}")
    done_by = (
        f'case $1 in --check) echo check; exit {check} ;; esac; echo machine; [ "$2" = "{BOTH}" ] && exit {machine}'
    )
    program(tmp_path / "tests", "fresh", done_by)
    done = subprocess.run(["bash", tmp_path / ".ci/run"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout.split()) == (status, order.split())


BOTH = "./install.sh --demo && tests/run"


def test_commands_are_those_of_the_readme() -> None:
    """What is proven on a new Debian is what README tells to do."""
    commands = re.findall(r"^sudo (.*)$", (CHECKOUT / "README.md").read_text().split("## Two commands")[1], re.M)[:2]
    assert " && ".join(commands) == BOTH
