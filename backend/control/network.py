"""What ipps443ctl find has to do with the network: avahi-browse is asked, and handshakes are made. Nothing is kept.

avahi-browse is the program of avahi itself, says all that avahi-daemon knows in lines, with every odd byte escaped, and
needs neither a library nor a main loop of ours (docs/dependencies.md).
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from backend import errors
from backend.control.announcements import SERVICES
from backend.control.found import Outcome, Target
from backend.control.host import Refused
from backend.cupsd.stop_signal import StopSignal
from backend.transport.connection import Verify, connect
from backend.trust.judgement import CaVerdict

PROGRAM = "avahi-browse"
FOLDERS = "/usr/local/bin:/usr/bin:/bin"
#: Octets that are read of what one of them says: some 10,000 announcements.
MOST_OCTETS = 8 << 20
#: Seconds for the program to end when it is told to.
FAREWELL = 1.0
#: How it ends then; all else is an end of its own, with an error.
ENDED_BY_US = (0, -signal.SIGTERM, -signal.SIGKILL)

#: The part of the time of a handshake in which the printer has to take the connection.
CONNECTING = 0.3

#: Where the system says how names are found (nsswitch.conf(5)), and what finds those of mDNS (nss-mdns).
NSSWITCH = "/etc/nsswitch.conf"


@dataclass(frozen=True)
class Network:
    """The network of a real run."""

    environ: Mapping[str, str]
    #: Where programs are looked for, whatever PATH says.
    folders: str = FOLDERS

    def browse(self, seconds: float) -> list[str]:
        """Return the lines of avahi-browse about printers, after so many seconds.

        Raises:
            Refused: there is no avahi, or it does not run.
        """
        program = shutil.which(PROGRAM, path=self.folders)
        if program is None:
            raise Refused(f"{PROGRAM} is missing, which find needs: apt-get install avahi-daemon avahi-utils")
        wanted = {name: self.environ[name] for name in ("DBUS_SYSTEM_BUS_ADDRESS",) if name in self.environ}
        running = [
            subprocess.Popen(
                [program, "--parsable", "--resolve", "--no-db-lookup", service],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": FOLDERS, "LC_ALL": "C.UTF-8", **wanted},
            )
            for service in SERVICES
        ]
        try:
            said, problems = _read(running, seconds)
        finally:
            for process in running:
                _end(process)
        lines = said.decode("utf-8", "surrogateescape").split("\n")
        # Of a printer that it cannot resolve it complains too, and goes on.
        failed = [process.returncode for process in running if process.returncode not in ENDED_BY_US]
        if failed and not any(line.startswith("=") for line in lines):
            reason = problems.decode("utf-8", "replace").strip().rpartition("\n")[2][:100] or f"exit code {failed[0]}"
            raise Refused(f"{PROGRAM}: {reason}; run: systemctl start avahi-daemon")
        return lines

    def meet(self, target: Target, seconds: float) -> Outcome:
        """Make a handshake, without a byte of HTTP, and return what it showed."""
        try:
            return Outcome(_shake_hands(target, seconds))
        except errors.IppsError as error:
            return Outcome(trouble=getattr(error, "reason", "") or error.text)

    def ask_ca(self, target: Target, seconds: float, authorities: str) -> tuple[bytes, CaVerdict | None]:
        """Make a handshake in which OpenSSL looks whether one of these CAs vouches for the target's name.

        Returns:
            The leaf certificate, b"" where OpenSSL refuses it, and what OpenSSL says; None if there was no handshake.
        """
        try:
            return _shake_hands(target, seconds, Verify(authorities=authorities)), CaVerdict()
        except errors.NotVerified as error:
            return b"", CaVerdict(error.verify_code, error.reason)
        except errors.IppsError:
            return b"", None

    def names_resolve(self) -> bool:
        """Tell whether this machine finds the names of mDNS, so that a queue can have one in its device URI."""
        try:
            with open(NSSWITCH, encoding="utf-8", errors="replace") as file:
                words = [line.partition("#")[0].split() for line in file.read(1 << 16).splitlines()]
        except OSError:
            return False
        return any(line[:1] == ["hosts:"] and any(word.startswith("mdns") for word in line) for line in words)


def _shake_hands(target: Target, seconds: float, verify: Verify | None = None) -> bytes:
    """Return the leaf certificate that a handshake shows; raise our errors."""
    connection = connect(
        target.address,
        target.port,
        stop=StopSignal(),
        server=target.name,
        verify=verify,
        connect_seconds=round(seconds * CONNECTING, 1),
        handshake_seconds=round(seconds * (1 - CONNECTING), 1),
    )
    connection.drop()
    return connection.certificate


def _read(running: list[subprocess.Popen[bytes]], seconds: float) -> tuple[bytes, bytes]:
    """Return what the programs have written to standard output and to standard error when the time is over."""
    end = time.monotonic() + seconds
    outputs = [process.stdout.fileno() for process in running if process.stdout]
    problems = [process.stderr.fileno() for process in running if process.stderr]
    said = {number: bytearray() for number in (*outputs, *problems)}
    open_outputs = set(outputs)
    with selectors.DefaultSelector() as selector:
        for number in said:
            os.set_blocking(number, False)
            selector.register(number, selectors.EVENT_READ)
        while open_outputs and (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                block = os.read(key.fd, 1 << 16)
                said[key.fd] += block
                if not block or len(said[key.fd]) > MOST_OCTETS:
                    selector.unregister(key.fd)
                    open_outputs.discard(key.fd)
        for key, _ in selector.select(0):  # why a program has ended comes at the same moment as its end
            if key.fd in problems:
                said[key.fd] += os.read(key.fd, 1 << 16)
    return b"\n".join(said[number] for number in outputs), b"".join(said[number] for number in problems)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that would go on for ever."""
    process.terminate()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    try:
        process.wait(FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
