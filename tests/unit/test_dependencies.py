"""What is installed besides is what the code imports: install.sh, setup.cfg, doctor and docs/dependencies.md agree."""

from __future__ import annotations

import ast
import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backend.control.checks.programs import PACKAGES

CHECKOUT = Path(__file__).resolve().parents[2]
INSTALLER = (CHECKOUT / "install.sh").read_text()
#: Where the name in the Python index is different from that of the module.
IN_THE_INDEX = {"cups": "pycups", "PIL": "pillow"}
#: What a fresh Debian 12 gets at most, counted from nothing: CUPS and its filters are nearly all of it.
PACKAGES_AT_MOST = 180


def imported() -> set[str]:
    """Return the packages that the code imports, those inside functions too."""
    names = set()
    for path in (*(CHECKOUT / "backend").rglob("*.py"), *(CHECKOUT / "filters").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names


def bounds(text: str) -> set[str]:
    """Return requirements without blanks."""
    return {line.replace(" ", "") for line in text.splitlines() if line.strip()}


def requirements(section: str, name: str) -> set[str]:
    """Return a list of requirements of setup.cfg."""
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg")
    return bounds(settings[section][name])


def test_packages_are_those_that_are_imported() -> None:
    """The Python packages of install.sh, of doctor and of dependencies.md are the same, and are imported somewhere."""
    listed = subprocess.run([CHECKOUT / "install.sh", "--packages"], capture_output=True, text=True).stdout.split()
    documented = re.findall(r"\| (python3-\w+) \|", (CHECKOUT / "docs/dependencies.md").read_text())
    ours = {package for _, package in PACKAGES}
    assert {name for name in listed if name.startswith("python3-")} == set(documented) == ours
    assert {module for module, _ in PACKAGES} <= imported()


def test_bounds_agree() -> None:
    """setup.cfg and install.sh --venv take the same versions, none of them without an upper bound."""
    of_installer = set(re.findall(r'"(\w+>=[^"]+)"', INSTALLER))
    required = requirements("options", "install_requires")
    assert required == of_installer and all("," in line for line in required)
    assert {re.split("[<>=]", line)[0] for line in required} == {IN_THE_INDEX.get(name, name) for name, _ in PACKAGES}


@pytest.mark.skipif(not shutil.which("apt-get"), reason="apt-get is missing: packages are counted on Debian only")
def test_number_of_packages() -> None:
    """A Debian 12 that has nothing at all needs at most 180 packages."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    if release.get("VERSION_CODENAME") != "bookworm":
        pytest.skip("this is not Debian 12, whose packages are counted")
    packages = subprocess.run([CHECKOUT / "install.sh", "--packages"], capture_output=True, text=True).stdout.split()
    nothing = ["-o", "Dir::State::status=/dev/null", "--no-install-recommends"]
    done = subprocess.run(["apt-get", "-s", *nothing, "install", *packages], capture_output=True, text=True)
    if "Unable to locate" in done.stderr:
        pytest.skip("apt has no lists of packages: run apt-get update")
    assert done.returncode == 0, done.stderr
    assert 0 < sum(line.startswith("Inst ") for line in done.stdout.splitlines()) <= PACKAGES_AT_MOST


@pytest.mark.parametrize("name", ("README.md", "docs/dependencies.md"))
def test_systems_agree(name: str) -> None:
    """The pages name the same systems, and the Python that setup.cfg and install.sh ask for."""
    text = (CHECKOUT / name).read_text()
    settings = configparser.ConfigParser()
    settings.read(CHECKOUT / "setup.cfg")
    oldest = settings["options"]["python_requires"].removeprefix(">=")
    assert f"Python {oldest} or later" in text
    assert f"version_info < ({oldest.replace('.', ', ')})" in INSTALLER
    assert all(system in text for system in ("Debian 12", "Debian 13", "Ubuntu 24.04"))
    assert not re.search(r"Ubuntu (?!24\.04)\d|Python 3\.(?!11\b)\d|Debian (?!1[23]\b)\d", text)
