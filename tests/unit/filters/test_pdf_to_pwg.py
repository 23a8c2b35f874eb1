"""pdftopwg443: PDF to the PWG raster that the printer lists, whatever cups-filters would make of the job's options."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from filters.common.cups_filter import DEFAULT_SERVERBIN
from filters.description.attributes import Resolution
from tests.raster_reader import read_raster
from tests.unit.filters.description.printers import describe
from tests.unit.filters.pdf_documents import A4, make_pdf, needs_gs

LAUNCHER = Path(__file__).resolve().parents[3] / "filters" / "pdftopwg443"
GSTORASTER = Path(DEFAULT_SERVERBIN) / "filter" / "gstoraster"


def ppd(*types: str) -> str:
    return describe(
        document_format_supported="image/pwg-raster",
        pwg_raster_document_type_supported=types,
        pwg_raster_document_resolution_supported=Resolution(50, 50),
        print_color_mode_supported=("color", "monochrome", "bi-level", "highlight"),
    ).text


ALL = ("srgb_8", "sgray_8", "black_1")


def run(folder: Path, document: bytes, text: str, options: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "ppd").write_text(text)
    environ = {**os.environ, "PPD": str(folder / "ppd"), "FINAL_CONTENT_TYPE": "image/pwg-raster", **more}
    command = [str(LAUNCHER), "1", "anna", "title", "3", options]
    return subprocess.run(command, input=document, env=environ, capture_output=True, timeout=60)


@needs_gs
@pytest.mark.skipif(not GSTORASTER.exists(), reason="gstoraster is missing: install cups-filters")
@pytest.mark.parametrize("types, bits", [(("srgb_8",), 24), (("black_1",), 1), (ALL, 8)])
def test_pages(types: tuple[str, ...], bits: int, tmp_path: Path) -> None:
    """With cups-filters, for a grey job as cupsd makes it: each page once, as pdftopdf has made the copies."""
    made = run(tmp_path, make_pdf(A4, A4), ppd(*types), "print-color-mode=monochrome")
    assert made.returncode == 0 and [page.bits for page in read_raster(made.stdout)] == [bits, bits]


def test_nothing_is_left_of_the_document(tmp_path: Path) -> None:
    """An empty document of pdftopdf is no failure; a program that makes no page of one is."""
    folder = tmp_path / "filter"
    folder.mkdir()
    (folder / "gstoraster").write_text("#!/bin/sh\ncat >/dev/null\n")
    (folder / "gstoraster").chmod(0o755)
    assert run(tmp_path, b"", ppd("srgb_8"), "", CUPS_SERVERBIN=str(tmp_path)).returncode == 0
    failed = run(tmp_path, make_pdf(A4), ppd("srgb_8"), "", CUPS_SERVERBIN=str(tmp_path))
    assert failed.returncode == 1 and b"ERROR: The document cannot be printed" in failed.stderr
