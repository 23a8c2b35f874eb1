"""The scripted printer as a program: python3 -m tests.printer."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import pytest

from tests.printer import make_certificate
from tests.printer.certificates import read_certificate
from tests.unit.printer_tests.client import eventually, http_post

ROOT = Path(__file__).resolve().parents[3]


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "tests.printer", "--port", "0", *options]


@contextmanager
def program(*options: str) -> Iterator[tuple[int, str]]:
    """The program while it serves: its port and the pin it names."""
    running = subprocess.Popen(command(*options), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert running.stdout is not None
        word, port, pin = running.stdout.readline().split()
        assert word == "ready"
        yield int(port), pin
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    finally:
        running.kill()
        running.wait()
        assert running.stdout is not None
        running.stdout.close()


def test_it_says_where_it_listens_and_what_it_shows(tmp_path):
    """One line: ready, the port, the hash of the certificate, which is the one that was saved."""
    saved = tmp_path / "printer.crt"
    with program("--common-name", "printer.example", "--save-certificate", str(saved)) as (port, pin):
        der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("localhost", port)))
        assert ssl.PEM_cert_to_DER_cert(saved.read_text()) == der
        import hashlib

        assert pin == f"sha256:{hashlib.sha256(der).hexdigest()}"


def test_it_writes_each_job_and_its_description(tmp_path):
    """job-N.prn has the bytes, job-N.json how they came; after SIGTERM it ends with 0."""
    mine = make_certificate()
    cert, key = mine.write(tmp_path)
    jobs = tmp_path / "jobs"
    with program("--directory", str(jobs), "--certificate", str(cert), "--key", str(key)) as (port, pin):
        assert pin == f"sha256:{read_certificate(cert, key).cert_sha256.hex()}"
        assert http_post(port, mine, b"text\x0cmore", chunked=True) == 200
        assert eventually(lambda: (jobs / "job-1.json").exists())
        described = json.loads((jobs / "job-1.json").read_text())
        assert (jobs / "job-1.prn").read_bytes() == b"text\x0cmore"
        assert (described["bytes"], described["framing"], described["printed"]) == (9, "chunked", True)


def test_it_has_the_faults_of_the_command_line(tmp_path):
    """--fault may be repeated."""
    mine = make_certificate()
    cert, key = mine.write(tmp_path)
    faults = ("--fault", "chunk=411", "--fault", "sized=413@5")
    with program("--certificate", str(cert), "--key", str(key), *faults) as (port, _):
        assert http_post(port, mine, b"text", chunked=True) == 411
        assert http_post(port, mine, b"text", chunked=False) == 413


@pytest.mark.parametrize(
    "options, code, text",
    [
        (("--fault", "chunk=412"), 2, "no such value"),
        (("--fault", "nonsense"), 2, "is no fault"),
        (("--list-faults",), 0, "chunk=ok"),
        (("--host", "192.0.2.1"), 1, "cannot be used"),
    ],
)
def test_it_refuses_what_it_cannot_do(options, code, text):
    """Unknown faults and ports that cannot be had end at once with one line; --list-faults shows what there is."""
    done = subprocess.run(command(*options), capture_output=True, text=True, cwd=ROOT, timeout=30)
    assert done.returncode == code
    assert text in done.stdout + done.stderr
