"""How every filter begins: called in another way than cupsd's, it says so."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial

import pytest

from filters import image_to_pages, pdf_check, pdf_to_pcl, scs_to_pcl, scs_to_pdf, text_to_pcl, text_to_pdf

MAINS: dict[str, Callable[..., int]] = {
    "texttopcl": text_to_pcl.main,
    "texttopdf443": text_to_pdf.main,
    "pdftopcl": pdf_to_pcl.main,
    "pdfcheck443": pdf_check.main,
    "scstopcl": scs_to_pcl.main,
    "scstopdf443": scs_to_pdf.main,
    "imagetopcl": partial(image_to_pages.main, "imagetopcl"),
    "imagetopdf443": partial(image_to_pages.main, "imagetopdf443"),
}
WRONG: list[list[str]] = [[], ["1"], ["1", "u", "t", "1"], ["1", "u", "t", "many", ""]]


@pytest.mark.parametrize("program", MAINS)
def test_wrong_arguments(program: str) -> None:
    """One ERROR line and nothing else, and it fails; never with 2."""
    for arguments in WRONG:
        with tempfile.TemporaryFile() as messages, open(os.devnull, "r+b") as null, tempfile.TemporaryFile() as output:
            code = MAINS[program]([program, *arguments], {}, null.fileno(), output.fileno(), messages.fileno())
            messages.seek(0)
            (line,) = messages.read().splitlines()
            assert (code, output.tell()) == (1, 0)
            assert line.startswith(f"ERROR: {program}: ".encode()) and line.endswith(b" [F01]")
