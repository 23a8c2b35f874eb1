"""Records with carriage control to text: what line printers of mainframes were told by the first byte of each record.

ASA (IBM: FCFC, CTLASA; POSIX asa), acts before its record is printed:

    blank 1 line    0 2 lines    - 3 lines    + none: printed over the record before    1 a new page
    2 to 9, A, B, C channels of a carriage tape; without one, a line

Machine code, acts after its record (low bit set: print it at all):

    01 no line    09 11 19 one, two, three lines    0B 13 1B the same at once, without printing    03 nothing
    89 a new page    8B a new page at once    91 ... E1 and 93 ... E3 other channels: a line    5A not text: left out

What comes out is ordinary text, with line feeds, form feeds, and carriage returns where something is printed over.
"""

from __future__ import annotations

from typing import Callable, Iterator

# What comes before a record, by its first character.
_ASA = {
    b" ": b"\n",
    b"0": b"\n\n",
    b"-": b"\n\n\n",
    b"+": b"\r",
    b"1": b"\n\f",
    **{bytes((code,)): b"\n" for code in b"23456789ABC"},
}
# What comes after a record, by its first byte, if it is printed (low bits 01) and if not (11).
_MACHINE = {0x01: b"\r", 0x09: b"\n", 0x11: b"\n\n", 0x19: b"\n\n\n", 0x89: b"\n\f"}
_MACHINE.update({code: b"\n" for code in range(0x91, 0xE2, 8)})
_MACHINE_AT_ONCE = {0x03: b"", 0x0B: b"\n", 0x13: b"\n\n", 0x1B: b"\n\n\n", 0x8B: b"\f"}
_MACHINE_AT_ONCE.update({code: b"\n" for code in range(0x93, 0xE4, 8)})


class AsaRecords:
    """Records with ASA characters; their lines end only when the next record says how."""

    def __init__(self) -> None:
        self._first = True
        #: Records with another first character: printed on the next line.
        self.unknown = 0

    def start_document(self) -> None:
        """Take the next record for the first of a document, which stands on a page of its own."""
        self._first = True

    def feed(self, records: bytes) -> bytes:
        """Return whole records as text."""
        return b"".join(map(self._record, _records(records)))

    def _record(self, record: bytes) -> bytes:
        before = _ASA.get(record[:1] or b" ")
        if before is None:
            self.unknown += 1
            before, record = b"\n", b" " + record
        if self._first:
            # The paper is at line 1 of a page already.
            self._first = False
            before = before[1:] if before != b"\n\f" else b""
        return before + record[1:]


class MachineRecords:
    """Records with machine code; ``code_of`` gives the first byte of a record as it was before it became UTF-8."""

    def __init__(self, code_of: Callable[[bytes], tuple[int, bytes]]) -> None:
        self._code_of = code_of
        #: Records with another first byte, or with a structured field: left out.
        self.unknown = 0

    def feed(self, records: bytes) -> bytes:
        """Return whole records as text."""
        return b"".join(map(self._record, filter(None, _records(records))))

    def _record(self, record: bytes) -> bytes:
        code, text = self._code_of(record)
        if code in _MACHINE:
            return text + _MACHINE[code]
        if code in _MACHINE_AT_ONCE:
            return _MACHINE_AT_ONCE[code]
        self.unknown += 1
        return b""


def _records(records: bytes) -> Iterator[bytes]:
    lines = records.replace(b"\r\n", b"\n").split(b"\n")
    return iter(lines if lines[-1] else lines[:-1])


def first_byte_of_utf_8(record: bytes) -> tuple[int, bytes]:
    """Return the first byte of a record and its text, for records that were UTF-8 all along."""
    return record[0], record[1:]


def first_byte_before(charset: str) -> Callable[[bytes], tuple[int, bytes]]:
    """Return what finds the first byte of records that were in another character set."""

    def code_of(record: bytes) -> tuple[int, bytes]:
        text = record.decode("utf-8", "replace")
        return (text[0].encode(charset, "replace") or b"\0")[0], text[1:].encode("utf-8")

    return code_of
