"""filters.common.raster: the programs that make raster of PDF, and what becomes of what they write."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from filters.common.job import parse_job
from filters.common.raster import NoRaster, start_raster

COPY, SAYS = "cat", 'printf "%s " "${0##*/}" "$@"; cat'
URF, PWG = "image/urf", "image/pwg-raster"


def made(folder: Path, kind: str, programs: dict[str, str], pdf: bytes, has_pages: bool = True) -> bytes:
    """Return what scripts make of a document in the place of CUPS's filters."""
    (folder / "filter").mkdir(exist_ok=True)
    for name, script in programs.items():
        (folder / "filter" / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / "filter" / name).chmod(0o755)
    (folder / "ppd").write_text(
        '*DefaultColorModel: Gray\n*ColorModel Gray/x: "<</cupsColorSpace 18/cupsBitsPerColor 8/x>>setpagedevice"\n'
    )
    environ = {"CUPS_SERVERBIN": str(folder), "FINAL_CONTENT_TYPE": kind, "PPD": str(folder / "ppd"), **os.environ}
    job = parse_job(["x", "7", "u", "t", "3", "landscape Number-Up=2 a=b print-scaling=fill"], environ)
    with open(folder / "output", "wb") as output:
        with start_raster(job, environ, output.fileno()) as raster:
            raster.has_pages = has_pages
            os.write(raster.descriptor, pdf)
    return (folder / "output").read_bytes()


@pytest.mark.parametrize(
    "kind, programs, expected",
    [
        ("image/PWG-raster", {"gstoraster": SAYS}, b"gstoraster 7 u t 1 a=b print-scaling=none {type} %PDF"),
        (
            URF,
            {"gstoraster": SAYS, "rastertopwg": SAYS},
            b"rastertopwg 7 u t 1 a=b print-scaling=none gstoraster 7 u t 1 a=b print-scaling=none %PDF",
        ),
        ("application/pdf", {}, b"%PDF"),
        ("", {}, b"%PDF"),
    ],
)
def test_programs(tmp_path: Path, kind: str, programs: dict[str, str], expected: bytes) -> None:
    """One copy, and no option that has done its work; the type for PWG raster alone; PDF as it is."""
    found = made(tmp_path, kind, programs, b"%PDF")
    assert sorted(found.split()) == sorted(expected.replace(b"{type}", b"pwg-raster-document-type=sgray_8").split())


@pytest.mark.parametrize(
    "script, size, has_pages, length",
    [(COPY, 13, True, 13), (COPY, 12, True, None), (COPY, 12, False, 0), (COPY, 13, False, 13)]
    + [("cat; exit 3", 99, True, None), ("exit 3", 99, True, None)],
)
def test_pages_and_none(tmp_path: Path, script: str, size: int, has_pages: bool, length: int | None) -> None:
    """A head of twelve bytes is no page: none is written, and where there are pages that is a failure."""
    if length is not None:
        assert len(made(tmp_path, PWG, {"gstoraster": script}, bytes(size), has_pages)) == length
        return
    with pytest.raises(NoRaster, match="status 3" if "exit" in script else "gstoraster made no page of it"):
        made(tmp_path, PWG, {"gstoraster": script}, bytes(size), has_pages)


@pytest.mark.parametrize(
    "first, second, error, words",
    [
        ("cat; exit 3", COPY, NoRaster, r"gstoraster gave up \(status 3\)"),
        ("cat; exit 3", "cat; exit 4", NoRaster, r"rastertopwg gave up \(status 4\)"),
        (f"cat; kill -{signal.SIGPIPE:d} $$", COPY, BrokenPipeError, ""),
        (COPY, f"cat; kill -{signal.SIGKILL:d} $$", NoRaster, r"rastertopwg gave up \(status -9\)"),
    ],
)
def test_which_one_failed(tmp_path: Path, first: str, second: str, error: type[Exception], words: str) -> None:
    """The last of those that failed; one that lost its reader is no reason."""
    with pytest.raises(error, match=words):
        made(tmp_path, URF, {"gstoraster": first, "rastertopwg": second}, bytes(99))


def test_no_program_and_no_reader(tmp_path: Path) -> None:
    """What is to be installed is told; what cannot be written is no end of a job."""
    with pytest.raises(NoRaster, match="^gstoraster cannot be started .*install cups-filters"):
        made(tmp_path, PWG, {}, b"")
    made(tmp_path, PWG, {"gstoraster": COPY}, bytes(99))
    environ = {"CUPS_SERVERBIN": str(tmp_path), "FINAL_CONTENT_TYPE": PWG}
    full = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(OSError, match="No space left"):
        with start_raster(parse_job(["x", "7", "u", "t", "3", ""], environ), environ, full) as raster:
            assert raster
            os.write(raster.descriptor, bytes(99))
    os.close(full)
