"""Records of one length without line ends, as binary FTP brings them from IBM i and mainframes: to lines.

A file of CPYSPLF CTLCHAR(*FCFC) has records of 133 bytes, the first of which is the carriage control. Blanks at the end
of a record only fill it.
"""

from __future__ import annotations

from typing import Iterator

#: A line feed and a blank, in EBCDIC and in ASCII.
_EBCDIC, _ASCII = (b"\x25", b"\x40"), (b"\n", b" ")


def cut_records(blocks: Iterator[bytes], length: int, ebcdic: bool) -> Iterator[bytes]:
    """Give blocks with a line end after each record."""
    line_end, blank = _EBCDIC if ebcdic else _ASCII
    rest = b""
    for block in blocks:
        data = rest + block
        whole = len(data) // length * length
        rest = data[whole:]
        records = (data[at : at + length].rstrip(blank) for at in range(0, whole, length))
        yield b"".join(record + line_end for record in records)
    if rest:
        yield rest.rstrip(blank) + line_end
