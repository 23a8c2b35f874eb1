"""install.sh, as far as a folder can show it; a whole system is what --demo in a fresh Debian is for."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LIBRARY = "usr/lib/ipps443"
BACKEND = "usr/lib/cups/backend/ipps443"
LAUNCHERS = {
    BACKEND: "backend.main",
    "usr/lib/cups/filter/texttopcl": "filters.text_to_pcl",
    "usr/sbin/ipps443ctl": "backend.control.main",
}

needs_ppdc = pytest.mark.skipif(not shutil.which("ppdc"), reason="ppdc is missing: install cups-ppdc")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what install.sh installs, which a test may change."""
    folder = tmp_path / "source"
    for name in ("backend", "filters", "ppd", "docs"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "install.sh", folder)
    return folder


def install(source: Path, *options: str, path: str = "", user: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run install.sh; ``path`` comes before the usual PATH."""
    environ = {"PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]}
    command = [str(source / "install.sh"), *options]
    return subprocess.run(command, env=environ, user=user, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Return all files below a folder with mode and time of the last change."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) for path in files}


@needs_ppdc
def test_everything_is_in_its_place(source: Path, tmp_path: Path) -> None:
    """Launchers, code, descriptions, MIME rules, manual pages, pins and audit log lie where they are looked for."""
    done = install(source, "--destdir", str(tmp_path / "root"))
    assert (done.returncode, done.stderr) == (0, "")
    modes = {name: mode for name, (mode, _) in tree(tmp_path / "root").items()}
    for name in LAUNCHERS:
        assert modes[name] == 0o755
    for name in ("usr/share/cups/model/ipps443/generic-pcl5e.ppd", "usr/share/cups/mime/ipps443.types"):
        assert modes[name] == 0o644
    assert modes["usr/share/man/man8/ipps443.8"] == modes["etc/logrotate.d/ipps443"] == 0o644
    assert modes["etc/cups/ipps443/pins"] == modes["var/log/ipps443/audit.log"] == 0o640
    assert (tmp_path / "root/etc/cups/ipps443/clients").stat().st_mode & 0o777 == 0o750
    code = tmp_path / "root" / LIBRARY / "current"
    assert (code / "backend/main.py").exists() and list(code.glob("backend/__pycache__/main.*.pyc"))
    assert not [name for name in modes if "tests" in name or ".stage" in name or name.endswith("-new")]


@needs_ppdc
@pytest.mark.parametrize("name", sorted(LAUNCHERS))
def test_launcher_finds_the_installed_code(source: Path, tmp_path: Path, name: str) -> None:
    """A launcher is isolated from the user's environment and takes its code from the current version only."""
    install(source, "--destdir", str(tmp_path / "root"))
    text = (tmp_path / "root" / name).read_text()
    assert text.startswith("#!/usr/bin/python3 -I" + ("S" if name == BACKEND else "") + "\n")
    assert text.count("ROOT = ") == 1 and 'ROOT = "/usr/lib/ipps443/current"\n' in text
    assert f"from {LAUNCHERS[name]} import main" in text


@needs_ppdc
def test_backend_uses_site_where_packages_lie_elsewhere(source: Path, tmp_path: Path) -> None:
    """Where the packages are not in the folder that the launcher names, Python has to look for them itself."""
    launcher = source / "backend/ipps443"
    launcher.write_text(launcher.read_text().replace('"/usr/lib/python3/dist-packages"', '"/nowhere"'))
    install(source, "--destdir", str(tmp_path / "root"))
    assert (tmp_path / "root" / BACKEND).read_text().startswith("#!/usr/bin/python3 -I\n")


@needs_ppdc
def test_second_run_changes_nothing(source: Path, tmp_path: Path) -> None:
    """Installing the same version again leaves every file as it is, edited pins above all."""
    root = tmp_path / "root"
    install(source, "--destdir", str(root))
    (root / "etc/cups/ipps443/pins").write_text("printer.example.com:443 spki-sha256:00\n")
    before = tree(root)
    done = install(source, "--destdir", str(root))
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(root) == before


@needs_ppdc
def test_second_run_mends(source: Path, tmp_path: Path) -> None:
    """Files that are missing, changed or open to others are as they should be after another run."""
    root = tmp_path / "root"
    install(source, "--destdir", str(root))
    before = {name: mode for name, (mode, _) in tree(root).items()}
    (root / "usr/lib/cups/backend/ipps443").chmod(0o777)
    (root / "usr/share/cups/mime/ipps443.types").write_text("damaged")
    (root / "usr/sbin/ipps443ctl").unlink()
    assert install(source, "--destdir", str(root)).returncode == 0
    assert {name: mode for name, (mode, _) in tree(root).items()} == before
    assert (root / "usr/share/cups/mime/ipps443.types").read_text() == (source / "ppd/ipps443.types").read_text()


@needs_ppdc
def test_upgrade_switches_one_link(source: Path, tmp_path: Path) -> None:
    """Other code gets a folder of its own, and "current" points there."""
    root = tmp_path / "root"
    install(source, "--destdir", str(root))
    first = os.readlink(root / LIBRARY / "current")
    with open(source / "backend/errors.py", "a") as file:
        file.write("# changed\n")
    done = install(source, "--destdir", str(root))
    assert (done.returncode, done.stderr) == (0, "")
    second = os.readlink(root / LIBRARY / "current")
    assert second == f"{first}+1"
    assert (root / LIBRARY / second / "backend/errors.py").read_text().endswith("# changed\n")


@needs_ppdc
@pytest.mark.parametrize("signal", ("TERM", "INT", "HUP"))
def test_interrupted_run_leaves_nothing(source: Path, tmp_path: Path, signal: str) -> None:
    """A run that is stopped before everything is prepared puts nothing in place."""
    ppdc = tmp_path / "bin" / "ppdc"
    ppdc.parent.mkdir()
    ppdc.write_text(f"#!/bin/sh\nkill -{signal} $PPID\n")
    ppdc.chmod(0o755)
    done = install(source, "--destdir", str(tmp_path / "root"), path=str(ppdc.parent))
    assert done.returncode != 0
    assert tree(tmp_path / "root") == {} and not (tmp_path / "root" / LIBRARY).exists()


@needs_ppdc
def test_code_that_does_not_run_is_not_installed(source: Path, tmp_path: Path) -> None:
    """Code that cannot be imported is found before anything is put in place."""
    (source / "filters/job.py").write_text("raise ValueError('broken')\n")
    done = install(source, "--destdir", str(tmp_path / "root"))
    assert done.returncode == 1 and "nothing was changed" in done.stderr.splitlines()[-1]
    assert tree(tmp_path / "root") == {}


def test_incomplete_source_is_refused(source: Path, tmp_path: Path) -> None:
    """A source without the printer descriptions is refused with one line that names what is missing."""
    (source / "ppd/ipps443.drv").unlink()
    done = install(source, "--destdir", str(tmp_path / "root"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "ppd/ipps443.drv is missing" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else needs root")
@pytest.mark.parametrize("options", ((), ("--demo",), ("--uninstall",), ("--purge",)))
def test_not_root_is_refused(source: Path, options: tuple[str, ...]) -> None:
    """Without root it says in one line what to do, and does nothing."""
    for folder in source.parents:
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    done = install(source, *options, user=65534)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "install.sh: Needs root: run sudo ./install.sh\n"


@pytest.mark.parametrize("options", (("--bogus",), ("--destdir",), ("--destdir", "/nowhere", "--demo")))
def test_wrong_options_are_refused(source: Path, options: tuple[str, ...]) -> None:
    """Options that are unknown or do not go together end in one line, and nothing is done."""
    done = install(source, *options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
