"""Jobs of scstopcl in this process."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filters.scs_to_pcl import main


@dataclass(frozen=True)
class Result:
    """What a filter did."""

    exit_code: int
    output: bytes
    lines: list[str]


def print_scs(
    data: bytes,
    options: str = "",
    copies: int = 1,
    ppd: str = "",
    root: str = "/nowhere",
    queue: str = "q",
    kind: str = "",
) -> Result:
    """Run the filter on a spooled file as cupsd does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(data)
        with open(Path(folder, "out"), "w+b") as out, open(Path(folder, "err"), "w+b") as err:
            code = main(
                ["scstopcl", "1", "user", "title", str(copies), options, str(path)],
                {"PPD": ppd, "PRINTER": queue, "CUPS_SERVERROOT": root, "CONTENT_TYPE": kind},
                stdout=out.fileno(),
                stderr=err.fileno(),
            )
            out.seek(0, os.SEEK_SET)
            err.seek(0, os.SEEK_SET)
            return Result(code, out.read(), err.read().decode().splitlines())
