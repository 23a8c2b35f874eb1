"""An upgrade of the Debian package while a job prints and others wait: none is lost or doubled, nothing is forgotten.

Usage: python3 -m tests.upgrade OLD.deb NEW.deb QUEUE, as root on a machine of its own; packaging/debian/tests/upgrade
makes the packages. At the end the package is purged, and what is left of it is named.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.printer import Faults, Printer, make_certificate

#: Seconds for any step, however busy the machine is.
LONG = 300
LIBRARY = Path("/usr/lib/ipps443")
#: What an upgrade leaves byte for byte; of the audit log it is the beginning.
KEPT = ("/etc/cups/ipps443/pins", "/etc/cups/ipps443/secret", "/etc/cups/ipps443/ipps443.conf")
LOG = Path("/var/log/ipps443/audit.log")
#: What a purge takes away.
OWN = ("/usr/lib/ipps443", "/etc/cups/ipps443", "/var/cache/cups/ipps443", "/var/lib/ipps443", "/var/log/ipps443")
OWN_FILES = ("/usr/bin/ipps443ctl", "/usr/sbin/ipps443ctl", "/usr/lib/cups/backend/ipps443", "/etc/logrotate.d/ipps443")
#: More than the sockets on the way hold, so that a printer that reads slowly has a job for a while.
MUCH = b"".join(b"line %06d\n" % number for number in range(200_000))


class Failed(Exception):
    """Something is not as it should be."""


def run(*command: str) -> str:
    """Run a command, and return what it said."""
    environ = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def wait(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + LONG
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what} has not come in {LONG} s; {run('lpstat', '-o')} {run('lpstat', '-p')}")
        time.sleep(0.2)


def check(is_so: bool, what: str) -> None:
    if not is_so:
        raise Failed(f"wrong: {what}")
    print(f"ok: {what}", flush=True)


def state() -> list[str]:
    return [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in KEPT]


def waiting(queue: str) -> int:
    return len(run("lpstat", "-o", queue).splitlines())


def upgrade(old: str, new: str, queue: str, folder: Path) -> None:
    """Tell the story."""
    run("dpkg", "-i", old)
    before = os.readlink(LIBRARY / "current")
    certificate = make_certificate()
    page, much = folder / "page", folder / "much"
    page.write_bytes(b"A page.\n")
    much.write_bytes(MUCH)
    with Printer(certificate) as printer:
        port, host = printer.port, f"localhost:{printer.port}"
        run(
            "ipps443ctl",
            "add",
            queue,
            f"ipps443://{host}",
            "--fingerprint",
            printer.pin(),
            "--model",
            "ipps443/generic-pcl5e.ppd",
        )
        run("ipps443ctl", "set", queue, "audit-title=hash")
        run("lp", "-d", queue, str(page))
        wait(lambda: not waiting(queue), "the end of the first job")
        printer.faults = Faults(slow_read="4096:0.2")
        run("lp", "-d", queue, str(much))
        for _ in range(3):
            run("lp", "-d", queue, str(page))
        wait(lambda: len(printer.jobs) == 2, "the beginning of the second job")
        log, kept = LOG.read_bytes(), state()
        check(waiting(queue) == 4 and not printer.jobs[1].printed, "one job prints, three wait")
        run("dpkg", "-i", new)
        after = os.readlink(LIBRARY / "current")
        check(before != after and (LIBRARY / before).is_dir(), f"{after} is installed, {before} is there for its job")
        check(state() == kept, "pins, secret and settings are the same")
        check(LOG.read_bytes().startswith(log) and log.count(b"\n") >= 3, "the audit log goes on")
        check(waiting(queue) == 4, "the jobs are there")
        printer.faults = Faults()
        wait(lambda: not waiting(queue), "the end of all jobs")
        check(len(printer.printed) == 5 == len(printer.jobs), "five jobs were printed, each once")
        check(printer.jobs[1].complete and printer.jobs[1].size > 1_000_000, "the one that printed meanwhile is whole")
    # A job that waits in its backend for a printer that is off, over an upgrade.
    run("lp", "-d", queue, str(page))
    wait(lambda: "[N01]" in run("lpstat", "-p", queue) or "reach" in run("lpstat", "-p", queue), "a job that waits")
    run("dpkg", "-i", old)
    run("dpkg", "-i", new)
    check(waiting(queue) == 1, "a job whose printer is off waits through two upgrades")
    with Printer(certificate, port=port) as printer:
        wait(lambda: not waiting(queue), "the end of the waiting job")
        check(len(printer.printed) == 1, "it is printed when the printer is on, once")
    run("ipps443ctl", "audit", "verify")
    check(LOG.read_bytes().startswith(log), "each beginning in the audit log has its end")


def purge(queue: str) -> None:
    """Take everything away, and look for what is left."""
    run("lpadmin", "-x", queue)
    run("dpkg", "--purge", "ipps443")
    left = [path for path in (*OWN, *OWN_FILES) if os.path.lexists(path)]
    check(not left, f"a purge leaves nothing{': ' * bool(left)}{' '.join(left)}")


def main(old: str, new: str, queue: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        try:
            upgrade(old, new, queue, Path(folder))
            purge(queue)
        except Failed as error:
            print(error)
            return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Usage: python3 -m tests.upgrade OLD.deb NEW.deb QUEUE")
    sys.exit(main(*sys.argv[1:]))
