"""All controls of an SNA character string (SCS), as a table.

A control begins with a byte below 40 (hexadecimal, as all codes here); everything else is a graphic of a code page.

    05                              one byte: HT
    34 C0 0A                        a fixed number of bytes after it: PP, absolute horizontal, column 10
    03 05 d d d d d                 counted: so many bytes of data: ATRN
    2B D2 04 29 00 0A               2B, class, count (with itself), and in most classes a type: SCD, 10 to the inch

Where it is written, by the letters in ``source``:

    JT    IBM, JTOpen: SCS5256Writer, SCS5224Writer, SCS5219Writer, SCS3812Writer, SCS5553Writer, and what they write
    ALLY  AGILE/I-DATA, 5250 ALLY User's Guide, appendix B
    AX    Axis, AX-3 Cobra+ Technical Reference, pages 17 to 28
    XRX   Xerox, MRP Coax Command Reference, 720P12761, chapter 2
    PCM   IBM, Personal Communications 14, Supported SCS Commands
    HCL   HCL, ZIEWin Administrator's Guide, SCS controls
    NS    IBM, z/OS Infoprint Server, NetSpool, SHF
    Z     IBM, z/OS Communications Server, the SCS printer emulator
    TN    tn5250, lib5250/scs.c
    PTX   IBM, IPDS and SCS Technical Reference, S544-5312
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

#: Class (the byte after 2B), or what the control begins with.
SINGLE, FIXED, COUNTED, POSITION, CSP = "single", "fixed", "counted", "position", "csp"

PRESENTATION_POSITION, CONTROL_SEQUENCE = 0x34, 0x2B
#: Classes of 2B in which the first parameter is a type.
TYPED = frozenset((0xD1, 0xD2, 0xD3, 0xD4, 0xFD))


class Control(NamedTuple):
    """One control."""

    kind: str
    #: The byte itself; for PP its type; for CSP its class.
    code: int
    #: The type within a class, where it has types.
    type: Optional[int]
    name: str
    summary: str
    parameters: str = ""
    source: str = ""


CONTROLS: tuple[Control, ...] = (
    # one byte
    Control(SINGLE, 0x00, None, "NUL", "nothing", "", "XRX, JT"),
    Control(SINGLE, 0x05, None, "HT", "to the next stop, else one cell", "", "ALLY"),
    Control(SINGLE, 0x06, None, "RNL", "indent off, start of the next line", "", "ALLY B-3"),
    Control(SINGLE, 0x09, None, "SPS", "half a line up", "", "ALLY B-43"),
    Control(SINGLE, 0x0A, None, "RPT", "nothing", "", "PCM"),
    Control(SINGLE, 0x0B, None, "VT", "to the next vertical stop, else the next line", "", "XRX"),
    Control(SINGLE, 0x0C, None, "FF", "end of the page", "", "AX, XRX"),
    Control(SINGLE, 0x0D, None, "CR", "start of the same line", "", "AX, ALLY"),
    Control(SINGLE, 0x0E, None, "SO", "two bytes a character from here", "", "JT"),
    Control(SINGLE, 0x0F, None, "SI", "one byte a character from here", "", "JT"),
    Control(SINGLE, 0x14, None, "ENP", "print again", "", "PCM"),
    Control(SINGLE, 0x15, None, "NL", "start of the next line", "", "ALLY B-6"),
    Control(SINGLE, 0x16, None, "BS", "one cell left", "", "ALLY, XRX"),
    Control(SINGLE, 0x1A, None, "UBS", "nothing", "", "ALLY B-6"),
    Control(SINGLE, 0x1C, None, "IFS", "start of the next line", "", "Z"),
    Control(SINGLE, 0x1D, None, "IGS", "start of the next line", "", "Z"),
    Control(SINGLE, 0x1E, None, "IRS", "start of the next line", "", "AX, ALLY"),
    Control(SINGLE, 0x1F, None, "IUS", "one blank", "", "Z"),
    Control(SINGLE, 0x23, None, "WUS", "underlines the word before it", "", "ALLY"),
    Control(SINGLE, 0x24, None, "INP", "print nothing from here", "", "PCM"),
    Control(SINGLE, 0x25, None, "LF", "next line, same column", "", "AX, JT"),
    Control(SINGLE, 0x2A, None, "SW", "nothing", "", "PCM"),
    Control(SINGLE, 0x2F, None, "BEL", "nothing", "", "PCM"),
    Control(SINGLE, 0x33, None, "IR", "indent off, start of the next line", "", "AX 28"),
    Control(SINGLE, 0x36, None, "NBS", "nothing", "", "ALLY B-6"),
    Control(SINGLE, 0x38, None, "SBS", "half a line down", "", "ALLY B-43"),
    Control(SINGLE, 0x39, None, "IT", "as HT, and the indent is here", "", "ALLY B-43"),
    Control(SINGLE, 0x3A, None, "RFF", "indent off, end of the page", "", "ALLY, TN"),
    Control(SINGLE, 0x3F, None, "SUB", "a box", "", "PCM"),
    # with so many bytes after them
    Control(FIXED, 0x04, 1, "VCS", "to a channel", "channel", "XRX 2-20"),
    Control(FIXED, 0x08, 1, "GE", "a graphic of code page 310", "graphic", "PCM"),
    Control(FIXED, 0x28, 2, "SA", "sets an attribute", "type, value", "XRX"),
    # with as many bytes of data as they say
    Control(COUNTED, 0x03, None, "ATRN", "data for the printer itself", "data", "AX 17, TN"),
    Control(COUNTED, 0x35, None, "TRN", "data for the printer itself", "data", "XRX, AX"),
    # presentation position, 34
    Control(POSITION, 0xC0, None, "AHPP", "to a column", "column", "JT, HCL"),
    Control(POSITION, 0xC4, None, "AVPP", "to a line; up: of the next page", "line", "JT, PTX"),
    Control(POSITION, 0xC8, None, "RHPP", "cells to the right", "cells", "JT"),
    Control(POSITION, 0x4C, None, "RVPP", "lines down", "lines", "JT"),
    # control sequences, 2B
    Control(CSP, 0xC1, None, "SHF", "columns of a page", "columns, left, right, stops", "ALLY B-10, NS"),
    Control(CSP, 0xC2, None, "SVF", "lines of a page", "lines, top, bottom, stops", "ALLY B-10, XRX 2-18"),
    Control(CSP, 0xC6, None, "SLD", "distance of lines, 1/72 inch", "distance", "ALLY B-11, JT"),
    Control(CSP, 0xC8, None, "SGEA", "what stands for unknown graphics", "graphic, how", "AX 18, JT"),
    Control(CSP, 0xFE, None, "LAC", "characters of the host's own", "data", "PCM"),
    Control(CSP, 0xD1, 0x01, "SCG", "code page", "character set (2), code page (2)", "JT, AX 24"),
    Control(CSP, 0xD1, 0x03, "SCGL", "code page", "local number", "AX, JT"),
    Control(CSP, 0xD1, 0x05, "SFG", "font", "font (2), width (2), attribute", "JT, TN, AX"),
    Control(CSP, 0xD1, 0x81, "SCGL", "code page", "local number", "AX, JT"),
    Control(CSP, 0xD1, 0x87, "SFFC", "form feeds", "count", "TN"),
    Control(CSP, 0xD1, 0x8A, "BES", "bold", "", "ALLY B-17, JT"),
    Control(CSP, 0xD1, 0x8E, "EES", "end of bold", "", "ALLY B-17, JT"),
    Control(CSP, 0xD2, 0x01, "STAB", "horizontal stops", "unit, (kind, place (2))...", "ALLY B-21, AX 25"),
    Control(CSP, 0xD2, 0x03, "JTF", "right edge and how to fill", "edge (2), per cent", "ALLY B-22"),
    Control(CSP, 0xD2, 0x07, "SIL", "indent", "number of a stop", "ALLY B-18"),
    Control(CSP, 0xD2, 0x09, "SLS", "spacing of lines", "half lines", "AX 25"),
    Control(CSP, 0xD2, 0x0B, "RLM", "lets BS pass the left margin", "", "ALLY B-18"),
    Control(CSP, 0xD2, 0x0D, "SJM", "justification", "on, per cent", "PCM"),
    Control(CSP, 0xD2, 0x11, "SHM", "margins, 1/1440 inch", "left (2), right (2)", "ALLY B-24"),
    Control(CSP, 0xD2, 0x15, "SSLD", "distance of lines, 1/1440 inch", "distance (2)", "TN, PCM"),
    Control(CSP, 0xD2, 0x29, "SCD", "characters per inch", "pitch (2)", "ALLY B-27, JT, HCL"),
    Control(CSP, 0xD2, 0x40, "SPPS", "size of the page, 1/1440 inch", "width (2), height (2)", "ALLY B-25, TN"),
    Control(CSP, 0xD2, 0x45, "SIC", "start of a job", "kind", "ALLY B-21, AX"),
    Control(CSP, 0xD2, 0x48, "PPM", "paper", "0, 0, form, drawer, jog, bin, quality, duplex", "AX 20, ALLY B-30, JT"),
    Control(CSP, 0xD2, 0x49, "SVM", "margins, 1/1440 inch", "top (2), bottom (2)", "TN"),
    Control(CSP, 0xD2, 0x4C, "SPSU", "how paper is fed", "0, feed, 0, text", "AX 27"),
    Control(CSP, 0xD2, 0x85, "SEA", "what to do about errors", "(class, action)...", "AX, PCM"),
    Control(CSP, 0xD3, 0xF6, "STO", "orientation", "characters (2), page (2)", "AX, ALLY B-35, JT"),
    Control(CSP, 0xD4, 0x0A, "BUS", "underline", "1, bypass", "ALLY B-36, AX"),
    Control(CSP, 0xD4, 0x0E, "EUS", "end of underline", "", "JT"),
    Control(CSP, 0xD4, 0x72, "BOS", "strikes with a graphic", "graphic, bypass, set (2), page (2)", "ALLY B-37"),
    Control(CSP, 0xD4, 0x76, "EOS", "end of striking", "", "ALLY"),
    Control(CSP, 0xFD, 0x00, "DGL", "grid lines", "0, direction, places (2)...", "JT"),
    Control(CSP, 0xFD, 0x01, "SCSO", "control of shift-out", "how", "PCM"),
    Control(CSP, 0xFD, 0x02, "SFSS", "size of characters", "size, 0", "JT"),
    Control(CSP, 0xFD, 0x03, "SPCC", "cells that SO and SI take", "0, how many", "JT"),
)

#: The control of a key (kind, code, type); counted and fixed ones by their byte.
BY_KEY: dict[tuple[str, int, Optional[int]], Control] = {
    (c.kind, c.code, None if c.kind == FIXED else c.type): c for c in CONTROLS
}
#: Bytes that belong to a control of one byte, besides itself.
FOLLOWING: dict[int, int] = {c.code: c.type or 0 for c in CONTROLS if c.kind == FIXED}
COUNTED_CODES = frozenset(c.code for c in CONTROLS if c.kind == COUNTED)


class Incomplete(Exception):
    """A control goes on after the last byte that is there."""


def length_at(data: bytes, at: int) -> int:
    """Return how many bytes the control at a place takes.

    Raises:
        Incomplete: its end is not there.
    """
    code = data[at]
    if code == CONTROL_SEQUENCE:
        # A count of 0 or 1 is that of a sequence without parameters.
        size = 2 + max(_byte(data, at + 2), 1)
    elif code in COUNTED_CODES:
        size = 2 + _byte(data, at + 1)
    elif code == PRESENTATION_POSITION:
        size = 3
    else:
        size = 1 + FOLLOWING.get(code, 0)
    if at + size > len(data):
        raise Incomplete
    return size


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise Incomplete
    return data[at]


#: Controls up to this length are believed; those of the host's own writers are shorter, but for lists and texts.
LONGEST_SURE = 32
#: A control is damaged if it has others within it: any of these, with the counts they have.
_WITHIN = re.compile(
    rb"\x2B(?:\xC1\x02|\xC2\x02|\xC6\x02|\xC8\x03\x60"
    rb"|\xD1\x03[\x81\x8A\x8E]|\xD1\x06\x01|\xD1\x07\x05"
    rb"|\xD2\x03\x45|\xD2\x04\x11|\xD2\x04\x29\x00|\xD2[\x06\x0A]\x40|\xD2[\x08-\x0A]\x48\x00"
    rb"|\xD3\x06\xF6\x00|\xD4\x03\x0A|\xD4\x02[\x0E\x76]|\xFD\x04[\x02\x03])"
    # and a place with text
    rb"|\x34[\xC0\xC4].[\x40-\xFE]{2}",
    re.S,
)
#: How far from a damaged control the next whole one is looked for.
_NEAR = 12


def claims_too_much(control: bytes) -> bool:
    """Tell whether a control has others within it: a byte was lost, and its length is none."""
    return bool(_WITHIN.search(control, 2))


def after_damage(data: bytes, at: int) -> int:
    """Return where to go on after the beginning of a damaged control: at the next one if it is near."""
    found = re.compile(rb"[\x2B\x34\x0C\x15]").search(data, at + 1, at + 1 + _NEAR)
    return found.start() if found else min(at + 3, len(data))


def find_control(control: bytes) -> Optional[Control]:
    """Return the entry of a whole control, None if it is in no table."""
    code = control[0]
    if code == CONTROL_SEQUENCE:
        kind = control[3] if control[1] in TYPED and len(control) > 3 else None
        return BY_KEY.get((CSP, control[1], kind))
    if code == PRESENTATION_POSITION:
        return BY_KEY.get((POSITION, control[1], None))
    if code in COUNTED_CODES:
        return BY_KEY[COUNTED, code, None]
    return BY_KEY.get((FIXED if code in FOLLOWING else SINGLE, code, None))


def describe_unknown(control: bytes) -> str:
    """Return how a control is called that is in no table: its first bytes."""
    if control[0] == CONTROL_SEQUENCE:
        kind = f" {control[3]:02X}" if control[1] in TYPED and len(control) > 3 else ""
        return f"2B {control[1]:02X}{kind}"
    return f"34 {control[1]:02X}" if control[0] == PRESENTATION_POSITION else f"{control[0]:02X}"


def parameters_of(control: bytes) -> bytes:
    """Return the parameters, without count and type."""
    if control[0] == CONTROL_SEQUENCE:
        return control[4:] if control[1] in TYPED else control[3:]
    return control[2:] if control[0] in COUNTED_CODES or control[0] == PRESENTATION_POSITION else control[1:]
