"""Jobs of scstopcl in this process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filters import scs_to_pcl


@dataclass(frozen=True)
class Result:
    """What a filter did."""

    exit_code: int
    output: bytes
    lines: list[str]


def print_scs(
    data: bytes | list[bytes],
    options: str = "",
    copies: int = 1,
    ppd: str = "",
    root: str = "/nowhere",
    queue: str = "q",
    kind: str = "",
    main: Callable[..., int] = scs_to_pcl.main,
) -> Result:
    """Run the filter on a spooled file, or several, as cupsd does; ``main`` of scs_to_pdf makes PDF."""
    documents = [data] if isinstance(data, bytes) else data
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(len(documents))]
        for path, document in zip(paths, documents):
            path.write_bytes(document)
        with open(Path(folder, "out"), "w+b") as out, open(Path(folder, "err"), "w+b") as err:
            code = main(
                ["scstopcl", "1", "user", "title", str(copies), options, *map(str, paths)],
                {"PPD": ppd, "PRINTER": queue, "CUPS_SERVERROOT": root, "CONTENT_TYPE": kind},
                stdout=out.fileno(),
                stderr=err.fileno(),
            )
            out.seek(0, os.SEEK_SET)
            err.seek(0, os.SEEK_SET)
            return Result(code, out.read(), err.read().decode().splitlines())
