"""Whether the scripted printer is a fair printer: CUPS's own ipptool tests and its stock backends decide.

ipptool comes with cups-ipp-utils; libcups keeps what it trusts below HOME, so each run has a HOME of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.printer import Printer

IPPTOOL_FILES = Path("/usr/share/cups/ipptool")
BACKENDS = Path("/usr/lib/cups/backend")
DOCUMENT = b"".join(b"line %d of a document\r\n" % number for number in range(5000)) + b"\x0c"

needs_ipptool = pytest.mark.skipif(
    not shutil.which("ipptool") or not IPPTOOL_FILES.is_dir(), reason="ipptool is missing (cups-ipp-utils)"
)
needs_backends = pytest.mark.skipif(not (BACKENDS / "ipps").exists(), reason="the stock ipps backend is missing (cups)")

# Words in the names of those tests of ipp-1.1.test that do not apply, and why; all others must pass.
DO_NOT_APPLY = {
    "Print-URI": "the printer fetches nothing: no Print-URI",
    "Send-URI": "the printer fetches nothing: no Send-URI",
    "section 4.3.2": "the printer fetches nothing: no Send-URI",
    "section 4.2.4: Create-Job": "the second of that name prepares Send-URI",
    "JPEG": "no image/jpeg",
    "Standard Sheet": "no job-sheets",
    "2-Up": "no number-up",
    "Draft Quality": "the suite looks for print-quality where no printer has it",
    "job-hold-until": "no Hold-Job",
    "Release-Job": "no Release-Job",
}


def ipptool(printer: Printer, test: Path | str, folder: Path) -> subprocess.CompletedProcess[str]:
    document = folder / "document.txt"
    document.write_bytes(DOCUMENT)
    command = ["ipptool", "-tv", "-f", str(document), printer.uri(scheme="ipps"), str(test)]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, cwd=folder)


def results(output: str) -> list[tuple[str, str]]:
    """Test names with PASS, FAIL or SKIP; ipptool cuts long names."""
    return re.findall(r"^    (\S.*?) +\[(PASS|FAIL|SKIP)\]$", output, re.M)


def verdicts(output: str) -> list[str]:
    return [verdict for _, verdict in results(output)]


@needs_ipptool
@pytest.mark.parametrize(
    "test",
    [
        "get-printer-description-attributes.test",
        "get-job-template-attributes.test",
        "ipp-backend.test",
        "print-job-media-col.test",
        "get-completed-jobs.test",
    ],
)
def test_the_tests_of_ipptool_pass(test, tmp_path):
    """Single operations, as CUPS's developers test printers."""
    with Printer() as printer:
        done = ipptool(printer, test, tmp_path)
        assert set(verdicts(done.stdout)) == {"PASS"}, done.stdout
        assert done.returncode == 0
        assert printer.complaints == []
        assert all(job.document in (b"", DOCUMENT) for job in printer.jobs)


@needs_ipptool
def test_the_ipp_1_1_conformance_tests_pass(tmp_path):
    """CUPS's ipp-1.1.test passes, but for the operations that this printer does not offer."""
    text = (IPPTOOL_FILES / "ipp-1.1.test").read_text()
    # It would wait 5 seconds between two looks at a job.
    waiting = 'NAME "Get-Job-Attributes Until Job Complete"'
    (tmp_path / "ipp-1.1.test").write_text(text.replace(waiting, f"{waiting}\n\tDELAY '0,1'"))
    for name in set(re.findall(r"^\s*FILE ([^$\s]+)$", text, re.M)):
        # The package has no sample documents; their content does not matter here.
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(DOCUMENT)
    with Printer(faults="job_time=0.5") as printer:
        done = ipptool(printer, "ipp-1.1.test", tmp_path)
        assert "FAIL" not in verdicts(done.stdout), done.stdout
        assert verdicts(done.stdout).count("PASS") >= 38
        skipped = [name for name, verdict in results(done.stdout) if verdict == "SKIP"]
        assert [name for name in skipped if not any(words in name for words in DO_NOT_APPLY)] == []
        assert skipped.count("RFC 8011 section 4.2.4: Create-Job Operation") == 1
        assert printer.complaints == []


@needs_ipptool
def test_ipptool_sees_a_fault(tmp_path):
    """These tests can fail: a printer without printer-state does not pass."""
    with Printer(faults="missing_attributes=printer-state") as printer:
        assert verdicts(ipptool(printer, "get-printer-attributes.test", tmp_path).stdout) == ["FAIL"]


def stock_backend(printer: Printer, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run CUPS's own backend as cupsd does: the file on standard input, back and side channel open as 3 and 4."""
    document = folder / "document.prn"
    document.write_bytes(DOCUMENT)
    environment = {
        "DEVICE_URI": f"{printer.uri(scheme='ipps')}?waitjob=true",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "CUPS_SERVERROOT": str(folder),
        "PRINTER": "queue",
        "CONTENT_TYPE": "application/vnd.hp-PCL",
        "FINAL_CONTENT_TYPE": "application/vnd.hp-PCL",
        "PATH": os.environ["PATH"],
    }
    back, side = socket.socketpair(), socket.socketpair()
    # cupsd hands over 3 and 4; a shell puts them there.
    numbers = (back[0].fileno(), side[0].fileno())
    command = 'exec "$0" 1 somebody "A title" 1 "" 3<&%d 4<&%d' % numbers
    try:
        with document.open("rb") as stdin:
            return subprocess.run(
                ["/bin/bash", "-c", command, str(BACKENDS / "ipps")],
                stdin=stdin,
                capture_output=True,
                text=True,
                timeout=60,
                env=environment,
                pass_fds=numbers,
            )
    finally:
        for end in (*back, *side):
            end.close()


@needs_backends
@pytest.mark.parametrize("fault", ["job_time=0.2", "reply=chunked,missing=Create-Job+Send-Document"])
def test_the_stock_backend_prints(fault, tmp_path):
    """CUPS's ipps delivers the file, byte for byte, with each of these printers."""
    with Printer(faults=fault) as printer:
        done = stock_backend(printer, tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        assert printer.wait_until(lambda: len(printer.printed) == 1)
        (job,) = printer.printed
        assert job.document == DOCUMENT
        assert (job.user, job.document_format) == ("somebody", "application/vnd.hp-PCL")
        assert printer.complaints == []


@needs_backends
def test_the_stock_backend_meets_a_printer_that_takes_no_chunks(tmp_path):
    """What this project is for: CUPS's backend cannot print to it, and no job comes out."""
    with Printer(faults="only=documents,chunk=411") as printer:
        done = stock_backend(printer, tmp_path)
        assert done.returncode != 0
        assert printer.printed == []
