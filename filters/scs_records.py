"""Records of IBM i without controls (*LINE), which CUPS would print as text: refused by name, or passed on as text.

    the job or the queue says in which EBCDIC they are    as they are, to the filter for text
    nothing is said, or there are structured fields       refused: only the IBM i could make pages of them
"""

from __future__ import annotations

import os
from typing import Iterator

from filters.common.job import Job
from filters.common.ppd import PrinterDescription
from filters.common.streams import write_all
from filters.scs.recognition import ENOUGH, LINE, OtherData, name_of_other
from filters.text.charset import UnknownCharset, choose_charset, find_codec
from filters.text.source import read_blocks

#: The type that CUPS knows them by, CONTENT_TYPE of a filter.
LINE_DATA = "application/vnd.ibm.afplinedata"


def pass_on(job: Job, description: PrinterDescription, stdin: int, stdout: int) -> None:
    """Copy records to the filter for text, where it is told how to read them.

    Raises:
        OtherData: it is not told, or there are fields of AFP among them.
        OSError: they cannot be read or written.
    """
    is_told = _is_ebcdic(choose_charset(job.options, description.defaults.get("text-charset")))
    for path in job.files or ("",):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else stdin
        for block in _checked(read_blocks(descriptor), is_told):
            write_all(stdout, block)
        if path:
            os.close(descriptor)


def _is_ebcdic(charset: str) -> bool:
    try:
        return find_codec(charset).decode(b"\xc1", "replace")[0] == "A"
    except UnknownCharset:
        return False


def _checked(blocks: Iterator[bytes], is_told: bool) -> Iterator[bytes]:
    start = b""
    for block in blocks:
        start += block
        if len(start) >= ENOUGH:
            break
    name = name_of_other(start)
    if not is_told or name not in (None, LINE):
        raise OtherData(name or LINE)
    yield start
    yield from blocks
