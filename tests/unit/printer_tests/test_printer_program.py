"""The scripted printer as a program: python3 -m tests.printer."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from tests.printer import make_certificate
from tests.unit.printer_tests.client import http_post

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


def test_it_prints_as_its_options_say(tmp_path):
    """It names port and pin, has each fault, writes each job and its description, and ends with 0 after SIGTERM."""
    mine = make_certificate()
    cert, key = mine.write(tmp_path)
    jobs, saved = tmp_path / "jobs", tmp_path / "printer.crt"
    options = ("--directory", jobs, "--certificate", cert, "--key", key, "--save-certificate", saved)
    faults = ("--fault", "chunk=411", "--fault", "sized=413@5000")
    with program(*map(str, options), *faults) as (port, pin):
        assert ssl.PEM_cert_to_DER_cert(saved.read_text()) == mine.der
        assert pin == f"sha256:{mine.cert_sha256.hex()}"
        assert http_post(port, mine, b"text", chunked=True) == 411
        assert http_post(port, mine, bytes(5000), chunked=False) == 413
        assert http_post(port, mine, b"text\x0cmore", chunked=False) == 200
        while not (found := [*jobs.glob("*.json")]):
            time.sleep(0.01)
        described = json.loads(found[0].read_text())
        assert found[0].with_suffix(".prn").read_bytes() == b"text\x0cmore"
        assert (described["bytes"], described["framing"], described["printed"]) == (9, "sized", True)
