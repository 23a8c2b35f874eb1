"""The printer descriptions and MIME rules in a real cupsd: ppd/ipps443.drv and ppd/ipps443.types."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cups.server import PCL5E, CupsServer

UEL = b"\x1b%-12345X"

#: All descriptions, and how they are listed.
DESCRIPTIONS = {
    PCL5E: "Generic PCL 5e Printer (ipps443)",
    "ipps443/generic-pcl6.ppd": "Generic PCL 6 Printer (ipps443)",
    "ipps443/generic-pcl6-color.ppd": "Generic PCL 6 Colour Printer (ipps443)",
    "ipps443/generic-pdf.ppd": "Generic PDF Printer (ipps443)",
    "ipps443/ibm-infoprint-1532.ppd": "IBM Infoprint 1532 PCL 5e (ipps443)",
    "ipps443/ibm-infoprint-1552.ppd": "IBM Infoprint 1552 PCL 5e (ipps443)",
}

#: Files whose type is in question, and the type that cupsd should find.
DOCUMENTS = {
    "wrapper-without-language": (UEL + b"@PJL JOB\r\n\x1bE\x1b&l0Ohello\f\x1bE" + UEL, "application/vnd.cups-raw"),
    "wrapper-lower-case": (UEL + b"@PJL enter language=pcl\r\n\x1bEhello", "application/vnd.cups-raw"),
    "wrapper-pcl": (UEL + b"@PJL ENTER LANGUAGE = PCL\r\n\x1bEhello", "application/vnd.cups-raw"),
    "wrapper-pcl-xl": (UEL + b"@PJL ENTER LANGUAGE=PCLXL\r\n) HP-PCL XL;2;0\n", "application/vnd.cups-raw"),
    "reset": (b"\x1bEhello", "application/vnd.cups-raw"),
    "reset-then-hpgl": (b"\x1bE\x1b%0BIN;SP1;PA0,0;", "application/vnd.cups-raw"),
    "wrapper-postscript": (UEL + b"@PJL ENTER LANGUAGE=POSTSCRIPT\r\n%!PS\n", "application/postscript"),
    "text": (b"hello\n", "text/plain"),
    "text-about-uel": (b"The sequence is " + UEL + b", which ends a job.\n", "text/plain"),
}


def test_description_conforms(cups: CupsServer) -> None:
    """cupstestppd finds neither errors nor warnings in any description."""
    root = cups.root / "testroot"
    for folder in ("usr/lib/cups", "usr/share/cups"):
        (root / folder).mkdir(parents=True)
    (root / "usr/lib/cups/filter").symlink_to(cups.root / "bin" / "filter")
    paths = sorted((cups.root / "data/model/ipps443").glob("*.ppd"))
    assert {path.name for path in paths} == {name.removeprefix("ipps443/") for name in DESCRIPTIONS}
    for path in paths:
        done = subprocess.run(["cupstestppd", "-W", "none", "-R", str(root), str(path)], capture_output=True, text=True)
        complaints = [line for line in done.stdout.splitlines() if "FAIL" in line or "WARN" in line]
        assert not complaints and done.returncode == 0, done.stdout


def test_description_is_listed(cups: CupsServer) -> None:
    """lpinfo -m lists all descriptions under the names that lpadmin -m takes."""
    listed = dict(line.split(" ", 1) for line in cups.run("lpinfo", "-m").stdout.splitlines())
    assert {name: make for name, make in listed.items() if name.startswith("ipps443/")} == DESCRIPTIONS


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_type_of_document(cups: CupsServer, name: str, tmp_path: Path) -> None:
    """cupsd takes PCL in a job wrapper for PCL, and text for text."""
    document, expected = DOCUMENTS[name]
    path = tmp_path / "document"
    path.write_bytes(document)
    cups.add_capture("types", model=None)
    job = cups.lp("types", path, options=("-o", "job-hold-until=indefinite"))
    assert cups.job_attributes(job)["document-format-detected"] == expected
    cups.run("cancel", str(job))


def test_pcl_passes_unchanged(cups: CupsServer, tmp_path: Path) -> None:
    """A PCL file reaches the printer byte for byte through a queue with our description."""
    document = UEL + b"@PJL JOB\r\n\x1bE" + bytes(range(256)) * 40 + b"\x1bE" + UEL
    path = tmp_path / "document.pcl"
    path.write_bytes(document)
    cups.add_capture("raw")
    assert cups.wait(cups.lp("raw", path)) == "completed"
    assert cups.captured("raw") == (document, "application/octet-stream")
