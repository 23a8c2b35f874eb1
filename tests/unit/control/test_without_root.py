"""Commands run by someone who is not root: each one that needs root says so, and changes nothing."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.control.host import Refused, parse_printer_host
from backend.control.queues import reason_of
from backend.control.real_console import make_forget
from tests.printer import make_certificate
from tests.unit.control.conftest import Cups, Desk

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")
NOBODY, LP = 65534, 7
ADVICE = "run the command with sudo"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder to which everyone can go, with a pin, settings, a secret and a table of root's."""
    with tempfile.TemporaryDirectory(prefix="desk-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "new.pem").write_bytes(make_certificate().cert_pem)
        (folder / "new.pem").chmod(0o644)
        desk = Desk(folder)
        for words in (
            ["import", str(folder / "new.pem"), "printer"],
            ["set", "render-memory=1G"],
            ["secret"],
            ["scs-table", "q", "drawer.2=Tray2"],
        ):
            assert desk.run(*words) == 0
        (folder / "ipps443").chmod(0o755)
        (folder / "fleet.csv").write_text("uri\nprinter\n")
        (folder / "ppd").mkdir()
        (folder / "ppd" / "made.ppd").touch(0o640)
        (folder / "cache" / "ipps443").mkdir(parents=True, mode=0o700)
        yield folder


def as_user(user: int, action: Callable[[], object]) -> Any:
    """Do something as a user, and return what it returns."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        os.write(writable, pickle.dumps(action()))
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as answer:
        found = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    return pickle.loads(found)


def run_as(user: int, folder: Path, *words: str) -> tuple[int, str]:
    """Run a command as a user; return its exit code and its complaints."""

    def run() -> tuple[int, str]:
        queues = {"made": {"device-uri": "ipps443://printer/ipp/print"}}
        desk = Desk(folder, cups=lambda: Cups(queues), environ={"CUPS_CACHEDIR": str(folder / "cache")})
        return desk.run(*words), desk.errors

    return as_user(user, run)  # type: ignore[no-any-return]


COMMANDS = [
    ["list"],
    ["show", "printer"],
    ["verify", "printer"],
    ["import", "new.pem", "printer"],
    ["unpin", "printer"],
    ["set", "render-memory=2G"],
    ["set", "q", "render-output=2G"],
    ["scs-table", "q"],
    ["scs-table", "q", "drawer.2=Tray3"],
    ["scs-table", "other", "drawer.2=Tray3"],
    ["pin", "printer", "--yes"],
    ["unpin", "--from", "fleet.csv"],
    ["add", "q", "printer", "--yes"],
    ["doctor"],
    ["audit"],
    ["trace", "q", "on"],
    ["trace", "q", "off"],
    ["trace", "q", "show"],
    ["refresh", "made"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_needs_root(folder: Path, words: list[str]) -> None:
    """The one line says to use sudo, and neither that something was sent nor to run what has just been run."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    words = [str(folder / word) if word.endswith((".pem", ".csv")) else word for word in words]
    status, errors = run_as(NOBODY, folder, *words)
    assert status == 1 and errors.count("\n") == 1 and ADVICE in errors and "sent" not in errors
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_first_secret(folder: Path) -> None:
    """The secret too is made by root alone."""
    (folder / "ipps443" / "secret").unlink()
    status, errors = run_as(NOBODY, folder, "secret")
    assert status == 1 and ADVICE in errors
    assert not (folder / "ipps443" / "secret").exists()


@pytest.mark.parametrize(
    "error",
    [RuntimeError(1027, "client-error-not-authorized"), RuntimeError(1025, "client-error-forbidden"), Exception(403)],
    ids=str,
)
def test_what_cupsd_allows_root_alone(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """cupsd's own words come with the way out, which root has taken already."""
    assert not reason_of(error).endswith(ADVICE)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    assert reason_of(error) == f"{error.args[-1]}; {ADVICE}"
    assert ADVICE not in reason_of(RuntimeError(1280, "server-error-internal-error"))


def test_what_jobs_learned_is_not_for_everyone(folder: Path) -> None:
    """The folder belongs to lp; forget says how to do it all the same, and root does."""
    cache = folder / "cache" / "ipps443"
    cache.chmod(0o750)
    (cache / "printer_443.json").write_text("{}")
    forget, printer = make_forget({"CUPS_CACHEDIR": str(folder / "cache")}), parse_printer_host("printer")

    def refusal() -> str:
        try:
            forget(printer)
        except Refused as error:
            return str(error)
        return ""

    assert as_user(NOBODY, refusal).endswith(ADVICE)
    assert forget(printer) and not list(cache.iterdir())


def test_the_backend_is_not_sent_to_sudo(folder: Path) -> None:
    """lp, as whom jobs run, has no sudo: what it may not read is a matter of the file."""
    (folder / "ipps443" / "pins").chmod(0o600)
    status, errors = run_as(LP, folder, "verify", "printer")
    assert status == 1 and ADVICE not in errors and "Permission denied" in errors
