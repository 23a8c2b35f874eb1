"""What a real cupsd makes of the backend: its scheme, its mode, its place; docs/backend-contract.md."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cups.places import CHECKOUT
from tests.cups.server import PCL5E, CupsServer, wait_until
from tests.printer import Printer

#: What Debian and Ubuntu lay over cupsd; ours has to fit into it as it is.
APPARMOR = Path("/etc/apparmor.d/usr.sbin.cupsd")
#: Descriptions, the last filter of a text, and how that ends before its time.
DYING = [(PCL5E, "texttopcl", "exit 1"), ("ipps443/generic-pdf.ppd", "pdftopdf", "kill -9 $$")]


@pytest.fixture(scope="module")
def server() -> Iterator[CupsServer]:
    """A cupsd of its own, whose copy of the backend may be changed."""
    with CupsServer() as found:
        ours = found.root / "bin" / "ours"
        programs = ours.resolve()
        ours.unlink()
        shutil.copytree(programs, ours)
        yield found


def user_of(process: int) -> int:
    """Return the user id of a process."""
    return Path(f"/proc/{process}").stat().st_uid


@pytest.mark.parametrize("mode, root", [(0o755, False), (0o700, True)])
def test_runs_as_lp_and_as_root(server: CupsServer, mode: int, root: bool) -> None:
    """With mode 0755, as installed, it runs as lp, with 0700 as root: both read the pins, print, and learn."""
    import pwd

    launcher = server.root / "bin/ours/backend/ipps443"
    launcher.chmod(mode)
    queue = f"mode{mode:o}"
    with Printer(faults="job_time=1") as printer:
        key = f"localhost:{printer.port} spki-sha256:{printer.certificate.spki_sha256.hex()}\n"
        server.write_pins(key)
        server.add_queue(queue, printer.uri())
        job = server.lp(queue, text="A page.\n")
        users = wait_until(lambda: {user_of(each) for each in server.processes("ipps443")}, 20, "backend")
        assert users == {0 if root else pwd.getpwnam("lp").pw_uid}
        assert server.wait(job) == "completed"
        assert len(printer.printed) == 1
        learned = server.root / "cache/ipps443" / f"localhost_{printer.port}.json"
        assert learned.stat().st_uid == users.pop()


def test_a_backend_that_others_may_write_is_not_run(server: CupsServer) -> None:
    """cupsd refuses it; nothing of the job goes out, and the log says why."""
    launcher = server.root / "bin/ours/backend/ipps443"
    launcher.chmod(0o777)
    with Printer() as printer:
        server.add_queue("writable", printer.uri(pin=True))
        job = server.lp("writable", text="A page.\n")
        wait_until(lambda: "insecure permissions" in server.log(), 20, "complaint of cupsd")
        assert printer.connections == 0
        launcher.chmod(0o755)
        server.run("cancel", str(job))


def test_cupsd_takes_the_scheme(server: CupsServer) -> None:
    """No underscore in it: a queue can be made, shows its URI without the password, and lpinfo lists the scheme."""
    server.add_queue("scheme", "ipps443://anna:geheim-4711@printer.example.com/ipp/print?transfer=sized")
    shown = server.run("lpstat", "-v", "scheme").stdout
    assert "ipps443://" in shown and "printer.example.com" in shown and "geheim" not in shown
    assert "network ipps443" in server.run("lpinfo", "--include-schemes", "ipps443", "-v").stdout


@pytest.mark.parametrize("model, program, its_end", DYING, ids=["PCL, failed", "PDF, killed"])
def test_a_filter_that_dies_is_no_printed_job(server: CupsServer, model: str, program: str, its_end: str) -> None:
    """What the filter had given before is not printed as if it were all (B-04); cupsd says nothing if it is killed."""
    path = server.root / "bin/filter" / program
    real = path.resolve()
    path.unlink()
    path.write_text(f'#!/bin/sh\n"{real}" "$@" | head -c 3000\n{its_end}\n')
    path.chmod(0o755)
    try:
        with Printer() as printer:
            server.add_queue("dying", printer.uri(pin=True), model, options=("printer-error-policy=abort-job",))
            job = server.lp("dying", text="A line of text.\n" * 2000)
            assert server.wait(job) == "aborted"
            assert printer.printed == []
            assert any(line.endswith("[D01]") for line in server.job_log(job))
    finally:
        path.unlink()
        path.symlink_to(real)


def test_apparmor_lets_backends_and_filters_of_others_be() -> None:
    """Debian's profile for cupsd hands what is in the folders of backends and filters to a profile that may do all that
    we do: read and lock files, open connections, start Ghostscript (B-26)."""
    if not APPARMOR.exists():
        pytest.skip(f"{APPARMOR} is missing: Debian's cups-daemon brings it")
    profile = APPARMOR.read_text()
    assert re.search(r"^\s*/usr/lib/cups/backend/\* Cx -> third_party,", profile, re.M)
    assert re.search(r"^\s*/usr/lib/cups/filter/\*\* Cxr -> third_party,", profile, re.M)
    third_party = profile.partition("profile third_party")[2]
    assert re.search(r"^\s*file,", third_party, re.M) and re.search(r"^\s*network,", third_party, re.M)
    installer = (CHECKOUT / "install.sh").read_text()
    assert "$serverbin/backend" in installer and "$serverbin/filter" in installer
