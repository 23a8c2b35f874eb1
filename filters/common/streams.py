"""Files that filters read and write besides their documents: the print data, and the printer description."""

from __future__ import annotations

import os

from filters.common.ppd import PrinterDescription, parse_ppd
from filters.common.report import Report


def write_all(descriptor: int, output: bytes) -> None:
    """Write everything, however much the pipe takes at a time."""
    view = memoryview(output)
    while view:
        view = view[os.write(descriptor, view) :]


def read_description(path: str, report: Report) -> PrinterDescription:
    """Return the printer description; without one everything has a default."""
    try:
        return load_description(path)
    except OSError as error:
        report.warning(f"the printer description cannot be read, defaults are used: {error}")
        return PrinterDescription()


def load_description(path: str) -> PrinterDescription:
    """Return the printer description, an empty one without a path.

    Raises:
        OSError: it cannot be read.
    """
    if not path:
        return PrinterDescription()
    with open(path, encoding="utf-8", errors="replace") as file:
        return parse_ppd(file.read())
