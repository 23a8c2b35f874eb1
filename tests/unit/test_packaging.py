"""packaging/debian, as far as a folder can show it; a whole system is what its autopkgtest is for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backend import __version__
from backend.control.device_list import TIMER

CHECKOUT = Path(__file__).resolve().parents[2]
DEBIAN = CHECKOUT / "packaging" / "debian"


def test_version_is_that_of_the_code() -> None:
    """The newest entry of Debian's changelog is the version of the code."""
    assert (DEBIAN / "changelog").read_text().startswith(f"ipps443 ({__version__}) ")


def test_package_depends_on_what_the_installer_installs() -> None:
    """Whoever installs the package has all that install.sh would bring."""
    done = subprocess.run([CHECKOUT / "install.sh", "--packages"], capture_output=True, text=True, check=True)
    binary = (DEBIAN / "control").read_text().split("\n\n")[1]
    depends = re.findall(r"^ ([a-z0-9-]+)", binary.partition("Depends:\n")[2].partition("Recommends:")[0], re.M)
    assert set(done.stdout.split()) <= set(depends)


def make_version(library: Path) -> str:
    """Run what postinst does with the code in a folder, and return where "current" points."""
    text = (DEBIAN / "ipps443.postinst").read_text()
    function = text[text.index("make_version() {") : text.index("job_runs() {")]
    script = f"set -e\nlibrary={library}\n{function}\nmake_version\n"
    subprocess.run(["sh", "-c", script], check=True, stdin=subprocess.DEVNULL)
    return os.readlink(library / "current")


def test_each_version_has_code_of_its_own(tmp_path: Path) -> None:
    """A job goes on with its version while dpkg replaces files; the same code is not copied again."""
    code = tmp_path / "package" / "backend"
    code.mkdir(parents=True)
    (code / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (code / "main.py").write_text("old = 1\n")
    assert make_version(tmp_path) == "1.2.3"
    assert list((tmp_path / "1.2.3").glob("backend/__pycache__/main.*.pyc")) and not list(code.glob("__pycache__"))
    assert make_version(tmp_path) == "1.2.3"

    new = code / "main.new"  # dpkg writes beside the old file and renames
    new.write_text("new = 1\n")
    new.rename(code / "main.py")
    (tmp_path / "1.2.4.new").mkdir()  # left by a run that was interrupted
    assert make_version(tmp_path) == "1.2.3+1"
    assert (tmp_path / "1.2.3/backend/main.py").read_text() == "old = 1\n"
    assert (tmp_path / "current/backend/main.py").read_text() == "new = 1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.2.3", "1.2.3+1", "current", "package"]


def test_pins_are_no_files_of_the_package() -> None:
    """No upgrade may overwrite or remove what the administrator trusts: there are no conffiles."""
    assert not [path.name for path in DEBIAN.iterdir() if path.name.endswith("conffiles")]
    rules = (DEBIAN / "rules").read_text()
    assert "/etc" not in rules and "./install.sh --destdir" in rules


def test_units_do_what_the_command_says() -> None:
    """The timer that find switches is the one that is laid out; it runs the command as lp, once it is switched on."""
    units = CHECKOUT / "packaging" / "systemd"
    assert sorted(path.name for path in units.iterdir()) == [TIMER.replace(".timer", ".service"), TIMER]
    service = (units / TIMER.replace(".timer", ".service")).read_text()
    assert "\nExecStart=/usr/sbin/ipps443ctl find --fill-device-list\n" in service and "\nUser=lp\n" in service
    assert "[Install]" not in service and "WantedBy=timers.target" in (units / TIMER).read_text()
    assert re.search(r"dh_installsystemd .*--no-enable", (DEBIAN / "rules").read_text())


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing: install systemd")
def test_units_are_understood(tmp_path: Path) -> None:
    """systemd finds no fault in them."""
    for path in (CHECKOUT / "packaging" / "systemd").iterdir():
        text = path.read_text().replace("/usr/sbin/ipps443ctl", "/bin/true")
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True
    )
    assert "ipps443-find" not in done.stderr
