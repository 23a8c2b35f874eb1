"""What install.sh --demo shows: a text printed three ways, with the installed programs and the system's cupsd.

Usage: python3 -m tests.demo QUEUE FOLDER CUPS-SERVER. The demo printer (tests/printer) runs in this process, on port
443 if that is free. FOLDER gets what the printer received, and the file "pin" for whoever takes the demo away again.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from tests.pcl_parser import PclError, parse_job
from tests.printer import Faults, Printer, make_certificate

SECONDS = 60
#: A text that every Debian has, else ours.
TEXTS = (Path("/usr/share/common-licenses/GPL-3"), Path(__file__).resolve().parents[1] / "LICENSE")


class DemoFailed(Exception):
    """The demo cannot go on: what did not work, on one line."""


def free_port() -> int:
    """Return 443 if nobody listens there, else 0, which stands for any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 443))
        except OSError:
            return 0
    return 443


def same_text(document: bytes, text: str) -> tuple[int, bool]:
    """Return the number of pages of a PCL job, and whether what stands on them is the text, but for white space."""
    try:
        pages = parse_job(document).pages
    except PclError as error:
        raise DemoFailed(f"the printer received no proper PCL: {error}") from error
    printed = "".join(line for page in pages for _, line in page.lines())
    return len(pages), "".join(printed.split()) == "".join(text.split())


class Demo:
    """The demo printer, its queue, and the outcomes so far."""

    def __init__(self, printer: Printer, queue: str, folder: Path, cups_server: str) -> None:
        self._printer = printer
        self._queue = queue
        self._folder = folder
        self._environ = {**os.environ, "CUPS_SERVER": cups_server, "LC_ALL": "C"}
        self._path = next(path for path in TEXTS if path.exists())
        self._text = self._path.read_text()
        self._proven = True

    @property
    def _host(self) -> str:
        port = self._printer.port
        return "localhost" if port == 443 else f"localhost:{port}"

    # --- saying

    def _say(self, name: str, value: str, proven: bool = True) -> None:
        self._proven = self._proven and proven
        wrong = "" if proven else "   <-- THIS IS WRONG"
        print(textwrap.fill(f"   {name:<12} {value}{wrong}", 110, subsequent_indent=" " * 16), flush=True)

    # --- doing

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, env=self._environ, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())
            raise DemoFailed(f"{' '.join(command)}: exit {done.returncode}: {said}")
        return done.stdout

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + SECONDS
        while not condition():
            if time.monotonic() > end:
                raise DemoFailed(f"{what} has not come in {SECONDS} seconds: {self._queue_message()}")
            time.sleep(0.1)

    def _print(self) -> str:
        """Hand the text to lp and return the job's name."""
        # request id is NAME-NUMBER (1 file(s))
        return self._run("lp", "-d", self._queue, "--", str(self._path)).split()[3]

    def _print_and_wait(self) -> None:
        job = self._print()
        self._wait(
            lambda: f"{job} " in self._run("lpstat", "-W", "completed", "-o", self._queue), f"the end of job {job}"
        )

    def _queue_message(self) -> str:
        return " ".join(self._run("lpstat", "-p", self._queue).split())

    # --- the story

    def prepare(self) -> None:
        """Pin the printer and make the queue, as an administrator does."""
        printer = self._printer
        print(f"Demo printer on localhost, port {printer.port}, with a certificate made just now.", flush=True)
        if printer.port != 443:
            print("   Port 443 is in use on this machine, so the port stands in the device URI.")
        self._say("fingerprint", printer.pin())
        (self._folder / "pin").write_text(f"{self._host} {printer.pin()}\n")
        label = ("--label", self._queue)
        self._run("ipps443ctl", "pin", self._host, "--fingerprint", printer.pin(), *label)
        self._say("pinned with", f"ipps443ctl pin {self._host} --fingerprint ...")
        uri = f"ipps443://{self._host}/ipp/print"
        self._run("lpadmin", "-p", self._queue, "-E", "-v", uri, "-m", "ipps443/generic-pcl5e.ppd")
        self._say("queue", f"{self._queue}, {uri}")

    def show_chunks(self) -> None:
        """First outcome: the pinned printer gets the text while it is being made."""
        print(f"1. lp -d {self._queue} {self._path}", flush=True)
        self._print_and_wait()
        seen = self._printer.connection_log[-1]
        self._say("certificate", "judged by its pin before the first byte of the job")
        self._say("TLS", f"{seen.tls_version}, {seen.cipher}", seen.tls_version in ("TLSv1.2", "TLSv1.3"))
        self._show_document("chunked")

    def show_length(self) -> None:
        """Second outcome: the printer refuses chunks all of a sudden, and gets the same bytes with their length."""
        print("2. The same, and the printer answers 411 Length Required to chunks.", flush=True)
        self._printer.faults = Faults(chunk="411")
        requests = len(self._printer.requests)
        self._print_and_wait()
        refused = [r for r in self._printer.requests[requests:] if r.framing.kind == "chunked"]
        self._say("refused", f"{len(refused)} request in chunks; the job was sent again with its length", bool(refused))
        self._show_document("sized")
        first, second = (job.document for job in self._printer.jobs if job.printed)
        self._say(
            "compared", "byte for byte what came in chunks" if first == second else "not the same", first == second
        )

    def _show_document(self, framing: str) -> None:
        job = self._printer.jobs[-1]
        pages, same = same_text(job.document, self._text)
        printed = [each for each in self._printer.printed if each.framing == framing]
        self._say("framing", str(job.framing), job.framing == framing)
        self._say("pages", f"{pages}, printed {len(printed)} time, and the text on them is that of the file", same)
        self._say("PCL", f"{job.path}, {job.size} bytes", len(printed) == 1 and job.complete)

    def show_impostor(self) -> None:
        """Third outcome: another certificate on the same port gets nothing."""
        print("3. The same, and an impostor answers, with a different certificate.", flush=True)
        printer = self._printer
        printer.faults = Faults()
        printer.certificate = make_certificate(common_name="localhost", names=("localhost",))
        jobs, received, handshakes = len(printer.jobs), printer.http_bytes, printer.handshakes
        job = self._print()
        self._wait(lambda: " disabled " in self._queue_message(), "the stop of the queue")
        message = re.sub(r".* reason unknown |^.*? - ", "", self._queue_message())
        self._say("queue", f"stopped: {message}", message.endswith("[T02]"))
        got = printer.http_bytes - received
        self._say("impostor got", f"{got} bytes after {printer.handshakes - handshakes} handshake", got == 0)
        self._say("printed", f"{len(printer.jobs) - jobs} jobs", len(printer.jobs) == jobs)
        self._run("cancel", job)

    def finish(self) -> bool:
        """Say how it went."""
        if self._proven:
            print("All three outcomes are as they should be. ./install.sh --uninstall takes everything away again.")
        return self._proven


def main(queue: str, folder: str, cups_server: str) -> int:
    """Run the demo and return 0 if everything was as it should be."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    certificate = make_certificate(common_name="localhost", names=("localhost",))
    with Printer(certificate=certificate, port=free_port(), directory=folder) as printer:
        demo = Demo(printer, queue, Path(folder), cups_server)
        try:
            demo.prepare()
            demo.show_chunks()
            demo.show_length()
            demo.show_impostor()
        except DemoFailed as error:
            print(f"The demo failed: {error}", file=sys.stderr)
            return 1
        return 0 if demo.finish() else 1


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("Usage: python3 -m tests.demo QUEUE FOLDER CUPS-SERVER; ./install.sh --demo runs it.")
    sys.exit(main(*sys.argv[1:]))
