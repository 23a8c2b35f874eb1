"""filters.common.raster_type: the type of PWG raster that a job's colour means."""

from __future__ import annotations

import pytest

from filters.common.job import parse_options
from filters.common.ppd import PrinterDescription, parse_ppd
from filters.common.raster_type import with_raster_type
from tests.unit.filters.test_pdf_to_pwg import ALL, ppd


@pytest.mark.parametrize(
    "types, default, options, made",
    [
        (ALL, "RGB", "", "srgb_8"),
        (ALL, "RGB", "print-color-mode=monochrome", "sgray_8"),
        (ALL, "RGB", "print-color-mode=color output-mode=monochrome", "sgray_8"),
        (ALL, "RGB", "print-color-mode=bi-level", "black_1"),
        (ALL, "RGB", "print-color-mode=nonsense", "srgb_8"),
        (ALL, "RGB", "ColorModel=Gray print-color-mode=color", "sgray_8"),
        (ALL, "Gray", "ColorModel=RGB print-color-mode=monochrome", "srgb_8"),
        (ALL, "Gray", "ColorModel=nonsense", "sgray_8"),
        (ALL, "highlight", "print-color-mode=monochrome", "srgb_8"),
        (("srgb_8",), "RGB", "print-color-mode=monochrome", "srgb_8"),
        (("sgray_8",), "Gray", "print-color-mode=bi-level pwg-raster-document-type=black_1", "sgray_8"),
        (("sgray_16",), "Gray", "print-color-mode=monochrome", "sgray_16"),
        (("black_1",), "Gray", "print-color-mode=monochrome", "black_1"),
        (ALL, "RGB", "output-mode=monochrome print-color-mode=color", "sgray_8"),
        (ALL, "RGB", "PWG-Raster-Document-Type=x print-color-mode=bi-level", "black_1"),
    ],
)
def test_the_type_of_a_job(types: tuple[str, ...], default: str, options: str, made: str) -> None:
    """That of its ColorModel, else of its print-color-mode, else of the queue; it is always a listed one."""
    read = parse_ppd(ppd(*types))
    description = PrinterDescription({**read.defaults, "ColorModel": default}, read.values)
    given = parse_options(options)
    chosen = with_raster_type(given, description)
    given.pop("PWG-Raster-Document-Type", None)
    assert chosen == {**given, "pwg-raster-document-type": made} and made in types
    assert with_raster_type(given, PrinterDescription()) == given
