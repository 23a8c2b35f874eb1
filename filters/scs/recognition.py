"""Files of IBM i that are no SCS, told apart by their first bytes, and what to say about them.

    5A nn nn D3 xx xx      a structured field: AFPDS; one that invokes or includes, or one behind a record: AFPDSLINE
    nn nn D6 xx            an IPDS command: length, then a code that begins with D6 (Set Home State is D6 97)
    no control below 40    records without any order of their own: *LINE
"""

from __future__ import annotations

import re
from typing import Optional

AFPDS, IPDS, LINE, MIXED = "*AFPDS", "*IPDS", "*LINE", "*AFPDSLINE"
#: Bytes that are enough to tell.
ENOUGH = 512
_FEWEST_OF_LINES = 128
#: Second bytes of fields that begin, end, invoke, include and map things, and hold their data.
_FIELDS = (0xA8, 0xA9, 0xAB, 0xAF, 0xA6, 0xEE)
#: Second bytes of fields that invoke and include things: a document begins with none of them.
_NOT_FIRST = (0xAB, 0xAF)
#: What helps on the IBM i, whose Host Print Transform takes *SCS and *AFPDS and nothing else.
_ADVICE = {
    AFPDS: "set TRANSFORM(*YES) for the queue, or DEVTYPE(*SCS) in the printer file",
    LINE: "set DEVTYPE(*SCS) in the printer file, or print records with text-charset=cp037",
}
_OTHER_ADVICE = "set DEVTYPE(*SCS) in the printer file"


class OtherData(Exception):
    """The document is a spooled file of another type; ``name`` is IBM i's word for it."""

    def __init__(self, name: str) -> None:
        advice = _ADVICE.get(name, _OTHER_ADVICE)
        super().__init__(f"This spooled file is {name}, not *SCS; on the IBM i {advice}.")
        self.name = name


def name_of_other(start: bytes) -> Optional[str]:
    """Return the name, as IBM i has it for DEVTYPE, of data that are no SCS; None for what may be SCS."""
    if _begins_with_control(start):
        return None
    data, start = start.lstrip(b"\0")[:ENOUGH], start[:ENOUGH]
    if _is_field(start, 0):
        return MIXED if start[4] in _NOT_FIRST else AFPDS
    if _is_ipds(start):
        return IPDS
    if any(_is_field(start, found.start()) for found in re.finditer(b"\x5a", start)):
        return MIXED
    if len(data) >= _FEWEST_OF_LINES and 0x40 <= min(data) <= max(data) < 0xFF:
        return LINE
    return None


def _is_field(start: bytes, at: int) -> bool:
    """Tell whether a structured field is there; its flags, 0 in what hosts write, tell it from text such as "!  Ly"."""
    field = start[at : at + 7]
    return (
        len(field) == 7
        and (field[0], field[3], field[6]) == (0x5A, 0xD3, 0)
        and field[4] in _FIELDS
        and 8 <= int.from_bytes(field[1:3], "big") <= 0x7FFF
    )


def _is_ipds(start: bytes) -> bool:
    """Tell whether commands are there, one behind the other; in text D6 is an O."""
    length = int.from_bytes(start[:2], "big")
    return (
        len(start) >= 5
        and start[2] == 0xD6
        and 5 <= length < 0x100
        and start[length + 2 : length + 3] in (b"", b"\xd6")
    )


#: What a spooled file begins with; ppd/ipps443.types has the same for CUPS.
_STARTS = tuple(
    bytes.fromhex(text)
    for text in (
        "2BC101 2BC102 2BC104 2BC201 2BC202 2BC204 2BC602 2BC801 2BC803 2BD10381 2BD10601 2BD10705 "
        "2BD203 2BD204 2BD206 2BD209 2BD20A 2BD306F6 2BFD04"
    ).split()
)
_AFTER_NULS = tuple(bytes.fromhex(text) for text in ("2BC1", "2BC8", "2BD2"))


def looks_like_scs(start: bytes) -> Optional[str]:
    """Return "SCS" for the beginning of a spooled file, the name of another type of IBM i, or None."""
    if _begins_with_control(start):
        return "SCS"
    return AFPDS if _is_field(start, 0) else None


def _begins_with_control(start: bytes) -> bool:
    return start.startswith(_STARTS) or start[:4] == bytes(4) and any(found in start[4:100] for found in _AFTER_NULS)
