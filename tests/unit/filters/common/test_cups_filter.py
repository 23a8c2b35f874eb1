"""filters.common.cups_filter: how a filter of CUPS is started."""

from __future__ import annotations

import pytest

from filters.common.cups_filter import filter_command
from filters.common.job import Job


@pytest.mark.parametrize(
    "environ, folder",
    [({}, "/usr/lib/cups"), ({"CUPS_SERVERBIN": ""}, "/usr/lib/cups"), ({"CUPS_SERVERBIN": "/x"}, "/x")],
)
def test_arguments(environ: dict[str, str], folder: str) -> None:
    """Those of filter(7), with the copies and options that this filter is to see, not the job's."""
    command = filter_command("pdftopdf", Job(7, "anna", "a letter", 2), environ, 1, "fit-to-page", "/dev/fd/3")
    assert command == [f"{folder}/filter/pdftopdf", "7", "anna", "a letter", "1", "fit-to-page", "/dev/fd/3"]
